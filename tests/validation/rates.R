# Rates and their ratio: base R's poisson.test; mid-P limits by uniroot on the definition, which
# epitools solves to four digits only, and mid-P itself from epitools; Wald's log interval.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

# None, one, few, many; times below and above one.
singles <- list(
  c(0, 50), c(0, 0.5), c(1, 0.25), c(1, 1000), c(3, 200), c(6, 1352), c(55, 14182), c(12, 12),
  c(100, 1), c(2500, 365.25)
)
# Few against few, few against many, none in one group, equal rates, many.
pairs <- list(
  c(4, 100, 2, 400), c(6, 1352, 55, 14182), c(0, 10, 5, 10), c(1, 1, 1, 1), c(7, 3.5, 7, 3.5),
  c(30, 120, 10, 20), c(1, 1000, 300, 999), c(12, 5, 9, 50), c(250, 900, 310, 1000),
  c(3, 100, 0, 400), c(41, 28010, 15, 19017)
)
rate <- list()
bound <- list()
for (level in c(0.8, 0.95, 0.99)) {
  for (k in singles) {
    answer <- poisson.test(k[1], k[2], conf.level = level)
    limits <- as.numeric(answer$conf.int)
    rate <- c(rate, list(list(
      events = k[1], time = k[2], conf_level = level, method = "exact",
      expected = list(estimate = k[1] / k[2], ci_low = limits[1], ci_high = limits[2])
    )))
    # Wald's on the logarithm is what a Poisson regression on the intercept alone gives.
    if (k[1] > 0) {
      fit <- glm(k[1] ~ offset(log(k[2])), family = poisson, control = glm.control(1e-12, 200))
      wald <- exp(confint.default(fit, level = level))
      rate <- c(rate, list(list(
        events = k[1], time = k[2], conf_level = level, method = "log",
        expected = list(estimate = k[1] / k[2], ci_low = wald[1], ci_high = wald[2])
      )))
    }
    upper <- poisson.test(k[1], k[2], conf.level = level, alternative = "less")$conf.int[2]
    bound <- c(bound, list(list(
      events = k[1], time = k[2], conf_level = level,
      expected = list(estimate = k[1] / k[2], ci_low = 0, ci_high = upper)
    )))
  }
}
# Mid-P: P(X > x) + P(X = x)/2 of the binomial that the events follow when their sum is given.
above <- function(p, x, n) pbinom(x, n, p, lower.tail = FALSE) + dbinom(x, n, p) / 2
root <- function(f) uniroot(f, c(0, 1), tol = 1e-16, maxiter = 10000)$root
mid_p <- function(k, level) {
  n <- k[1] + k[3]
  tail <- (1 - level) / 2
  low <- if (k[1] == 0) 0 else root(function(p) above(p, k[1], n) - tail)
  high <- if (k[3] == 0) 1 else root(function(p) above(p, k[1], n) - (1 - tail))
  c(low / (1 - low), high / (1 - high)) * k[4] / k[2]
}
ratio <- list()
test <- list()
for (k in pairs) {
  groups <- list(events_1 = k[1], time_1 = k[2], events_2 = k[3], time_2 = k[4])
  estimate <- (k[1] / k[2]) / (k[3] / k[4])
  for (level in c(0.8, 0.95, 0.99)) {
    answer <- poisson.test(c(k[1], k[3]), c(k[2], k[4]), conf.level = level)
    half <- qnorm((1 + level) / 2) * sqrt(1 / k[1] + 1 / k[3])
    limits <- list(
      exact = as.numeric(answer$conf.int), mid_p = mid_p(k, level),
      log = estimate * exp(c(-half, half))
    )
    if (k[1] == 0 || k[3] == 0) limits$log <- NULL
    for (method in names(limits)) {
      ratio <- c(ratio, list(c(groups, list(
        conf_level = level, method = method,
        expected = list(
          estimate = estimate, ci_low = limits[[method]][1], ci_high = limits[[method]][2]
        )
      ))))
    }
  }
  table <- matrix(c(k[3], k[1], k[4], k[2]), 2, dimnames = list(c("b", "a"), c("n", "time")))
  middle <- epitools::rate2by2.test(table)$p.value[2, "midp.exact"]
  test <- c(test, list(
    c(groups, list(method = "exact", p_value = answer$p.value)),
    c(groups, list(method = "mid_p", p_value = min(middle, 1)))
  ))
}

record("rates",
  packages = "epitools", poisson_rate = rate, poisson_upper_bound = bound, rate_ratio = ratio,
  rate_test = test
)
