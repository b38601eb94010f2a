# Rates and their ratio, exactly: base R's poisson.test.
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
  c(30, 120, 10, 20), c(1, 1000, 300, 999), c(12, 5, 9, 50), c(250, 900, 310, 1000)
)
rate <- list()
for (level in c(0.8, 0.95, 0.99)) {
  for (k in singles) {
    answer <- poisson.test(k[1], k[2], conf.level = level)
    limits <- as.numeric(answer$conf.int)
    rate <- c(rate, list(list(
      events = k[1], time = k[2], conf_level = level,
      expected = list(estimate = k[1] / k[2], ci_low = limits[1], ci_high = limits[2])
    )))
  }
}
ratio <- list()
test <- list()
for (k in pairs) {
  groups <- list(events_1 = k[1], time_1 = k[2], events_2 = k[3], time_2 = k[4])
  for (level in c(0.8, 0.95, 0.99)) {
    answer <- poisson.test(c(k[1], k[3]), c(k[2], k[4]), conf.level = level)
    limits <- as.numeric(answer$conf.int)
    ratio <- c(ratio, list(c(groups, list(
      conf_level = level,
      expected = list(
        estimate = (k[1] / k[2]) / (k[3] / k[4]), ci_low = limits[1], ci_high = limits[2]
      )
    ))))
  }
  test <- c(test, list(c(groups, list(p_value = answer$p.value))))
}

record("rates", poisson_rate = rate, rate_ratio = ratio, rate_test = test)
