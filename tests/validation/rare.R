# Shares of rare events in several series. binom.test of the sums; the beta-binomial by vglm of VGAM;
# the logistic model with a random intercept by rma.glmm of metafor (glmer of lme4, 25 nodes); both
# again, with profile-likelihood limits, from the likelihood written down here: the random intercept
# by the trapezoid rule on a dense grid, no quadrature about a mode. Double arcsines by metafor.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))
suppressPackageStartupMessages({
  library(metafor)
  library(VGAM)
})

choose_all <- function(x, n) sum(lchoose(n, x))
beta_binomial <- function(x, n) {
  function(centre, rho) {
    p <- plogis(centre)
    if (rho == 0) return(sum(dbinom(x, n, p, log = TRUE)))
    a <- p * (1 - rho) / rho
    b <- (1 - p) * (1 - rho) / rho
    choose_all(x, n) + sum(lbeta(x + a, n - x + b) - lbeta(a, b))
  }
}
u <- seq(-12, 12, by = 0.005)
random_intercept <- function(x, n) {
  function(centre, tau) {
    along <- centre + tau * u
    sum(sapply(seq_along(x), function(i) {
      h <- dbinom(x[i], n[i], plogis(along), log = TRUE) + dnorm(u, log = TRUE)
      max(h) + log(sum(exp(h - max(h))) * 0.005)
    }))
  }
}
# The spread on a scale on which its maximum is inside, or 0 where that is higher.
best <- function(height, centre, at, range) {
  found <- optimize(function(s) height(centre, at(s)), range, maximum = TRUE, tol = 1e-10)
  zero <- height(centre, 0)
  if (zero >= found$objective) list(spread = 0, height = zero)
  else list(spread = at(found$maximum), height = found$objective)
}
profile <- function(height, start, at, range, level) {
  along <- function(centre) best(height, centre, at, range)$height
  top <- optimize(along, start + c(-3, 3), maximum = TRUE, tol = 1e-9)
  drop <- qchisq(level, 1) / 2
  under <- function(centre) along(centre) - (top$objective - drop)
  far <- function(sign) {
    step <- 0.5
    while (under(top$maximum + sign * step) > 0) step <- 2 * step
    uniroot(under, sort(top$maximum + sign * c(0, step)), tol = 1e-9)$root
  }
  list(
    estimate = plogis(top$maximum), ci_low = plogis(far(-1)), ci_high = plogis(far(1)),
    spread = best(height, top$maximum, at, range)$spread, log_likelihood = top$objective
  )
}

# Autoimmune agranulocytosis in PRCA, CLL and another; neutropenia in CVID; late onset after
# anti-CD20 (Tesfa, Nitta and others, Abdulkader); small series; series that differ by chance alone.
sets <- list(
  list(x = c(2, 0, 0), n = c(665, 960, 64)), list(x = c(16, 18, 24), n = c(473, 222, 84)),
  list(x = c(8, 11, 23, 11, 5), n = c(113, 209, 107, 183, 108)),
  list(x = c(1, 0, 3, 2, 0, 5), n = c(20, 30, 40, 25, 60, 35)),
  list(x = c(2, 2, 3), n = c(20, 22, 31))
)
exact <- list()
models <- list()
arcsine <- list()
for (k in seq_along(sets)) {
  x <- sets[[k]]$x
  n <- sets[[k]]$n
  base <- list(events = I(x), n = I(n))
  start <- qlogis(sum(x) / sum(n))
  for (level in c(0.8, 0.95)) {
    limits <- binom.test(sum(x), sum(n), conf.level = level)$conf.int
    exact <- c(exact, list(c(base, list(conf_level = level, expected = list(
      estimate = sum(x) / sum(n), ci_low = limits[1], ci_high = limits[2]
    )))))
    models <- c(models, list(
      c(base, list(conf_level = level, model = "beta_binomial", expected = profile(
        beta_binomial(x, n), start, plogis, c(-16, 4), level
      ))),
      c(base, list(conf_level = level, model = "random_intercept", expected = profile(
        random_intercept(x, n), start, exp, c(-8, 2.5), level
      )))
    ))
    fit <- rma(measure = "PFT", xi = x, ni = n, method = "FE", level = 100 * level)
    back <- predict(fit, transf = transf.ipft.hm, targs = list(ni = n))
    arcsine <- c(arcsine, list(c(base, list(conf_level = level, expected = list(
      estimate = back$pred, ci_low = back$ci.lb, ci_high = back$ci.ub
    )))))
  }
}
packages <- list()
for (k in 1:4) {
  x <- sets[[k]]$x
  n <- sets[[k]]$n
  mixed <- rma.glmm(measure = "PLO", xi = x, ni = n, nAGQ = 25)
  beta <- Coef(vglm(cbind(x, n - x) ~ 1, betabinomial, epsilon = 1e-12, maxit = 500))
  packages <- c(packages, list(list(
    events = I(x), n = I(n), median_share = plogis(as.numeric(mixed$b)), tau = sqrt(mixed$tau2),
    mean_share = beta[["mu"]], rho = beta[["rho"]]
  )))
}
record("rare",
  packages = c("metafor", "lme4", "VGAM"), pooled_exact = exact, models = models,
  packages_fits = packages, freeman_tukey = arcsine
)
