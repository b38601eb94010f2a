# The interval of one proportion by Wilson's method with continuity correction (prop.test) and by
# Wald's with and without.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

# prop.test warns of small expected counts, which is no news here.
corrected <- function(x, n, level) {
  as.numeric(suppressWarnings(prop.test(x, n, conf.level = level))$conf.int)
}
wald <- function(x, n, level, more = 0) {
  x / n + c(-1, 1) * (qnorm((1 + level) / 2) * sqrt(x / n * (1 - x / n) / n) + more)
}
cases <- list()
for (pair in list(c(31, 36), c(20, 52), c(9, 14), c(0, 9), c(9, 9), c(1, 9), c(95, 218))) {
  for (level in c(0.9, 0.95)) {
    x <- pair[1]; n <- pair[2]
    cases[[length(cases) + 1]] <- list(
      events = x, n = n, conf_level = level, corrected = corrected(x, n, level),
      wald = wald(x, n, level), wald_corrected = wald(x, n, level, 1 / (2 * n))
    )
  }
}
record("share_intervals", packages = c(), intervals = cases)
