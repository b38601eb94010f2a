# Yield over repeats as survival's Kaplan-Meier over the number of tests; Rothman's interval from
# its Greenwood standard error.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressMessages(library(survival))

set.seed(2018)
sets <- list(list(c(rep(1, 12), rep(2, 32)), c(rep(1, 14), rep(0, 30))),
             list(sample(1:5, 120, replace = TRUE, prob = c(5, 4, 3, 2, 1)), rbinom(120, 1, 0.4)),
             list(sample(1:3, 30, replace = TRUE), rbinom(30, 1, 0.5)))
wilson <- function(x, n) as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int)
cases <- lapply(sets, function(s) {
  fit <- summary(survfit(Surv(s[[1]], s[[2]]) ~ 1), times = seq_len(max(s[[1]])))
  p <- 1 - fit$surv
  n <- p * (1 - p) / fit$std.err^2
  z <- qnorm(0.975)
  centre <- (p + z^2 / (2 * n)) / (1 + z^2 / n)
  half <- z / (1 + z^2 / n) * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))
  gain <- t(mapply(wilson, fit$n.event, fit$n.risk))
  list(n_tests = s[[1]], is_positive = s[[2]], n_tested = fit$n.risk, n_new = fit$n.event, cumulative = p,
       low = centre - half, high = centre + half, gain_low = gain[, 1], gain_high = gain[, 2])
})
record("repeats", packages = "survival", cases = cases)
