# Predictive values compared: the two score tests and the relative predictive values patient by
# patient, in long form, as their papers define them (no Debian package has them).
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))

long <- function(diseased, healthy) {  # each: both, first only, second only, neither
  t1 <- c(1, 1, 0, 0); t2 <- c(1, 0, 1, 0)
  data.frame(t1 = rep(rep(t1, 2), c(diseased, healthy)), t2 = rep(rep(t2, 2), c(diseased, healthy)),
             d = rep(c(1, 0), c(sum(diseased), sum(healthy))))
}
tests <- function(t1, t2, d) {  # t: has the result; d: the reference proves it right
  n1 <- sum(t1); n2 <- sum(t2)
  p1 <- sum(d[t1 == 1]) / n1; p2 <- sum(d[t2 == 1]) / n2
  pooled <- (sum(d[t1 == 1]) + sum(d[t2 == 1])) / (n1 + n2)
  z <- n2 / (n1 + n2)
  residual <- t1 * (d - pooled) * (0 - z) + t2 * (d - pooled) * (1 - z)  # Leisenring: summed per patient
  leisenring <- sum(residual)^2 / sum(residual^2)
  weighted <- t1 * (d - pooled) / n1 - t2 * (d - pooled) / n2            # Kosinski: weights 1 / n of each assay
  # his variance puts the pooled p(1-p) for each assay's own variance and the pairs' for the covariance
  both <- t1 * t2 == 1
  covariance <- sum((d[both] - pooled)^2) / (n1 * n2)
  kosinski <- sum(weighted)^2 / (pooled * (1 - pooled) * (1 / n1 + 1 / n2) - 2 * covariance)
  influence <- t1 * (d - p1) / (n1 * p1) - t2 * (d - p2) / (n2 * p2)      # of log p1 - log p2
  ratio <- p1 / p2
  list(score = leisenring, score_p = pchisq(leisenring, 1, lower.tail = FALSE), weighted_score = kosinski,
       weighted_score_p = pchisq(kosinski, 1, lower.tail = FALSE),
       ratio = ratio * exp(c(0, -1, 1) * qnorm(0.975) * sqrt(sum(influence^2))))
}
sets <- list(list(c(319, 78, 22, 32), c(31, 53, 22, 155)), list(c(850, 40, 60, 50), c(60, 25, 15, 900)),
             list(c(20, 9, 3, 6), c(4, 5, 8, 40)), list(c(12, 0, 5, 9), c(1, 7, 2, 30)))
cases <- lapply(sets, function(s) {
  x <- long(s[[1]], s[[2]])
  list(diseased = matrix(s[[1]], 2, byrow = TRUE), healthy = matrix(s[[2]], 2, byrow = TRUE),
       ppv = tests(x$t1, x$t2, x$d), npv = tests(1 - x$t1, 1 - x$t2, 1 - x$d))
})
record("predictive", cases = cases)
