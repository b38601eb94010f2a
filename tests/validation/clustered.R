# A share with patients as clusters: survey's svymean (ratio estimator, variance between clusters,
# design effect against sampling with replacement) and svyciprop (logit); Wilson's and the exact
# limits with Korn and Graubard's effective n from these; the intraclass correlation from aov.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))
suppressPackageStartupMessages(library(survey))

wilson <- function(p, n, level) {
  z <- qnorm((1 + level) / 2)
  (p + z^2 / (2 * n) + c(-1, 1) * z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))) / (1 + z^2 / n)
}
exact <- function(p, n, level) {
  tail <- (1 - level) / 2
  c(qbeta(tail, p * n, n - p * n + 1), qbeta(1 - tail, p * n + 1, n - p * n))
}
set.seed(4)
drawn <- function(k, size, share, alike) {
  m <- 1 + rpois(k, size)
  p <- rbeta(k, share / alike, (1 - share) / alike)
  cluster <- rep(seq_len(k), m)
  list(event = rbinom(sum(m), 1, p[cluster]), cluster = cluster)
}
sets <- list(
  list(event = c(1, 1, 1, 0, 0, 0, 1, 0), cluster = c(1, 1, 1, 2, 2, 3, 3, 4)),
  list(event = c(1, 0, 1, 0, 1, 0), cluster = c(1, 1, 2, 2, 3, 3) + c(0, 0, 0, 0, 0, 1)),
  drawn(12, 3, 0.3, 0.5), drawn(60, 5, 0.1, 1), drawn(40, 2, 0.6, 0.01), drawn(200, 1, 0.2, 0.3),
  list(event = rbinom(50, 1, 0.3), cluster = 1:50)
)
shares <- list()
correlations <- list()
for (d in sets) {
  data <- data.frame(event = d$event, cluster = d$cluster)
  design <- svydesign(~cluster, data = data, weights = ~1)
  found <- svymean(~event, design, deff = "replace")
  p <- coef(found)[[1]]
  effect <- as.numeric(deff(found))
  n <- nrow(data)
  k <- degf(design) + 1
  base <- list(event = I(d$event), cluster = I(d$cluster))
  for (level in c(0.8, 0.95)) {
    shrink <- (qt((1 + level) / 2, n - 1) / qt((1 + level) / 2, k - 1))^2
    size <- min(n / effect * shrink, n)
    logit <- as.numeric(confint(svyciprop(~event, design, method = "logit", level = level)))
    limits <- list(
      wilson = wilson(p, size, level), korn_graubard = exact(p, size, level), logit = logit
    )
    for (method in names(limits)) {
      shares <- c(shares, list(c(base, list(
        conf_level = level, method = method, se = as.numeric(SE(found)), design_effect = effect,
        n_effective = size,
        expected = list(estimate = p, ci_low = limits[[method]][1], ci_high = limits[[method]][2])
      ))))
    }
  }
  if (k < n) {
    squares <- summary(aov(event ~ factor(cluster), data))[[1]][["Mean Sq"]]
    m <- (n - sum(table(d$cluster)^2) / n) / (k - 1)
    correlations <- c(correlations, list(c(base, list(
      value = (squares[1] - squares[2]) / (squares[1] + (m - 1) * squares[2])
    ))))
  }
}
record("clustered",
  packages = "survey", clustered_share = shares, intraclass_correlation = correlations
)
