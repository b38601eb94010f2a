# The median where some durations never ended (Inf), with the order statistics of the sign test:
# qbinom's is the first rank whose binomial probability is above the tail.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

set.seed(11)
cases <- list()
for (n in c(1, 2, 5, 6, 9, 20, 33, 34, 120)) {
  for (share in c(0, 0.2, 0.49, 0.6)) {
    r <- n - floor(share * n)
    time <- round(rexp(r, 0.1), 1)
    everybody <- sort(c(time, rep(Inf, n - r)))
    middle <- if (n %% 2) everybody[(n + 1) / 2] else mean(everybody[n / 2 + 0:1])
    for (level in c(0.8, 0.95)) {
      k <- qbinom((1 - level) / 2, n, 0.5)
      limits <- if (k == 0) c(0, Inf) else everybody[c(k, n - k + 1)]
      cases <- c(cases, list(list(
        time = I(time), n = n, conf_level = level,
        expected = list(estimate = middle, ci_low = limits[1], ci_high = limits[2])
      )))
    }
  }
}
record("never", median_of_all = cases)
