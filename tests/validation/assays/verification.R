# Begg and Greenes' correction: estimate from the full joint likelihood's maximum, variance of the
# log odds from complex-step derivatives over the multinomial of all six kinds of patient.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))

share <- function(x) {  # x: tp, fp, fn, tn, unverified positive, unverified negative
  positive <- x[1] + x[2] + x[5]; negative <- x[3] + x[4] + x[6]
  hit <- positive * x[1] / (x[1] + x[2]); miss <- negative * x[3] / (x[3] + x[4])
  log(hit) - log(miss)
}
interval <- function(x, level) {
  h <- 1e-30
  gradient <- sapply(seq_along(x), function(i) { y <- x + 0i; y[i] <- y[i] + h * 1i; Im(share(y)) / h })
  variance <- sum(gradient^2 * x) - sum(gradient * x)^2 / sum(x)  # multinomial counts
  plogis(share(x) + c(0, -1, 1) * qnorm(1 - (1 - level) / 2) * sqrt(variance))
}
cases <- unlist(lapply(list(c(231, 32, 27, 54, 166, 140), c(81, 3, 14, 40, 0, 60), c(10, 8, 2, 30, 40, 400)), function(x)
  lapply(c(0.9, 0.95), function(level) {
    list(verified = matrix(x[1:4], 2, byrow = TRUE), unverified = x[5:6], conf_level = level,
         sensitivity = interval(x, level), specificity = interval(x[c(4, 3, 2, 1, 6, 5)], level))
  })), recursive = FALSE)
record("verification", cases = cases)
