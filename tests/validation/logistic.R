# Logistic regression. Maximum likelihood: glm. Firth's: brglm2 (type AS_mean) for
# coefficients and standard errors; profile penalised-likelihood intervals and likelihood-ratio P
# as Heinze and Schemper 2002 define them (section 3), which brglm2 does not have, written here.
suppressPackageStartupMessages({
  library(brglm2)
  library(MASS)
})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

information <- function(X, beta) {
  p <- plogis(drop(X %*% beta))
  crossprod(X * sqrt(p * (1 - p)))
}
log_likelihood <- function(X, y, beta) {
  sum(plogis(drop(X %*% beta) * (2 * y - 1), log.p = TRUE))
}
penalised <- function(X, y, beta) {
  log_likelihood(X, y, beta) + as.numeric(determinant(information(X, beta))$modulus) / 2
}
# The largest penalised likelihood with coefficient `j` held at `value`: Newton steps on Firth's
# modified score U* = X'(y - p + h (1/2 - p)) of the others, halved where it would fall. The
# penalty keeps the whole model's information. The others start where the fit `from` sends them.
held <- function(X, y, j, value, from) {
  free <- setdiff(seq_len(ncol(X)), j)
  beta <- replace(from, j, value)
  at <- information(X, from)
  beta[free] <- from[free] - drop(solve(at[free, free, drop = FALSE], at[free, j])) * (value - from[j])
  best <- penalised(X, y, beta)
  for (iteration in 1:1000) {
    p <- plogis(drop(X %*% beta))
    root <- X * sqrt(p * (1 - p))
    h <- rowSums((root %*% solve(crossprod(root))) * root)
    score <- drop(crossprod(X, y - p + h * (0.5 - p)))[free]
    step <- drop(solve(crossprod(root)[free, free, drop = FALSE], score))
    step <- step * min(1, 2 / max(abs(step)))
    repeat {
      candidate <- replace(beta, free, beta[free] + step)
      reached <- penalised(X, y, candidate)
      if (is.finite(reached) && reached >= best - 1e-14 || max(abs(step)) < 1e-13) break
      step <- step / 2
    }
    beta <- candidate
    best <- reached
    if (max(abs(score)) < 1e-11 || max(abs(step)) < 1e-13) break
  }
  best
}
term <- function(coefficient, se, limits, p) {
  list(
    coefficient = coefficient, se = se, odds_ratio = exp(coefficient),
    ci_low = exp(limits[1]), ci_high = exp(limits[2]), p_value = p
  )
}

firth_terms <- function(data, level) {
  fit <- glm(
    y ~ ., data = data, family = binomial(), method = "brglmFit", type = "AS_mean",
    epsilon = 1e-12, maxit = 10000
  )
  X <- model.matrix(fit)
  y <- data$y
  beta <- unname(coef(fit))
  se <- unname(sqrt(diag(solve(information(X, beta)))))
  top <- penalised(X, y, beta)
  drop_of <- function(j, value) 2 * (top - held(X, y, j, value, beta))
  limit <- qchisq(level, 1)
  edge <- function(j, direction) {
    reach <- 1
    while (drop_of(j, beta[j] + direction * reach * se[j]) < limit) reach <- reach * 2
    ends <- sort(beta[j] + direction * c(0, reach) * se[j])
    uniroot(function(value) drop_of(j, value) - limit, ends, tol = 1e-13, maxiter = 10000)$root
  }
  list(
    terms = lapply(seq_along(beta), function(j) {
      term(
        beta[j], se[j], c(edge(j, -1), edge(j, 1)),
        pchisq(drop_of(j, 0), 1, lower.tail = FALSE)
      )
    }),
    log_likelihood = top
  )
}
ml_terms <- function(data, level) {
  # The weights behind glm's standard errors are one step late, so it is made to take all 50 steps
  # and warns that it did not stop by itself.
  fit <- suppressWarnings(
    glm(y ~ ., data = data, family = binomial(), epsilon = 1e-20, maxit = 50)
  )
  table <- summary(fit)$coefficients
  limits <- confint.default(fit, level = level)
  list(
    terms = lapply(seq_len(nrow(table)), function(j) {
      term(table[j, 1], table[j, 2], limits[j, ], table[j, 4])
    }),
    log_likelihood = as.numeric(logLik(fit))
  )
}
case <- function(name, data, is_firth, level = 0.95) {
  covariates <- data[names(data) != "y"]
  list(
    name = name, outcome = I(data$y), names = I(names(covariates)),
    covariates = unname(as.matrix(covariates)), conf_level = level, is_firth = is_firth,
    n = nrow(data), n_events = sum(data$y),
    expected = (if (is_firth) firth_terms else ml_terms)(data, level)
  )
}

data(endometrial, package = "brglm2")  # Heinze and Schemper 2002, section 5
cancer <- data.frame(y = endometrial$HG, endometrial[c("NV", "PI", "EH")])
births <- data.frame(y = birthwt$low, birthwt[c("age", "lwt", "smoke", "ht", "ui")])
cars <- data.frame(y = mtcars$am, mtcars["wt"])
engines <- data.frame(y = mtcars$vs, mtcars[c("mpg", "am")])
abortions <- data.frame(y = infert$case, infert[c("spontaneous", "induced", "age")])
positive <- data.frame(  # Kyritsi 2015: anti-PMN by HT among the tested
  y = rep(c(1, 0, 1, 0), c(13, 13, 3, 14)), ht = rep(c(1, 1, 0, 0), c(13, 13, 3, 14))
)
nobody <- data.frame(y = rep(c(1, 0, 0), c(5, 5, 8)), exposed = rep(c(0, 0, 1), c(5, 5, 8)))
apart <- data.frame(y = c(0, 0, 0, 1, 1, 1), x = c(1, 2, 3, 4, 5, 6))
touching <- data.frame(y = c(0, 0, 0, 1, 1, 1), x = c(1, 2, 3, 3, 5, 6))
far <- data.frame(y = c(0, 0, 1, 0, 1, 1, 0, 1), x = 1e4 + c(1, 2, 3, 4, 5, 6, 7, 9))

fits <- list(
  case("births", births, FALSE), case("births", births, FALSE, 0.9),
  case("cars", cars, FALSE), case("engines", engines, FALSE), case("abortions", abortions, FALSE),
  case("positive", positive, FALSE), case("cancer without NV", cancer[c("y", "PI", "EH")], FALSE),
  case("far from zero", far, FALSE),
  case("endometrial cancer", cancer, TRUE), case("endometrial cancer", cancer, TRUE, 0.9),
  case("nobody exposed has it", nobody, TRUE), case("apart", apart, TRUE),
  case("apart but for one value", touching, TRUE),
  case("apart and far from zero", data.frame(y = apart$y, x = 2000 + apart$x), TRUE),
  case("two columns, one separates", data.frame(nobody, z = rep(c(0, 1, 3), 6)), TRUE, 0.99)
)
record("logistic", packages = c("brglm2", "MASS"), fits = fits)
