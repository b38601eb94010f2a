# Accuracy against a reference: epiR's epi.tests (exact proportions, Simel's likelihood ratios),
# Wilson by prop.test; score limits of likelihood ratios and Bayes' theorem from their definitions.
Sys.setenv(TZ = "UTC")
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressMessages(library(epiR))

tables <- list(c(24, 0, 21, 28), c(397, 84, 54, 177), c(12, 3, 5, 30), c(8, 1, 9, 20), c(50, 40, 2, 8))
wilson <- function(x, n) as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int)
all <- lapply(tables, function(x) {
  tp <- x[1]; fp <- x[2]; fn <- x[3]; tn <- x[4]
  list(table = matrix(x, 2, byrow = TRUE), sensitivity = wilson(tp, tp + fn), specificity = wilson(tn, fp + tn),
       ppv = wilson(tp, tp + fp), npv = wilson(tn, fn + tn))
})
simel <- lapply(tables[-1], function(x) {
  found <- epi.tests(as.table(matrix(x, 2, byrow = TRUE)), method = "exact", digits = 4)$detail
  pick <- function(name) unlist(found[found$statistic == name, c("est", "lower", "upper")], use.names = FALSE)
  list(table = matrix(x, 2, byrow = TRUE), sensitivity = pick("se"), specificity = pick("sp"), ppv = pick("pv.pos"),
       npv = pick("pv.neg"), lr_positive = pick("lr.pos"), lr_negative = pick("lr.neg"))
})

# Koopman: the ratio p1/p2 = theta at which the chi-square of the restricted fit is the quantile;
# the fit by maximising the two binomial likelihoods along p1 = theta p2.
koopman <- function(x, n) {
  critical <- qchisq(0.95, 1)
  excess <- function(log_theta) {
    theta <- exp(log_theta)
    top <- min(1, 1 / theta)
    gradient <- function(p2) {
      p1 <- theta * p2
      x[1] - (n[1] - x[1]) * p1 / (1 - p1) + x[2] - (n[2] - x[2]) * p2 / (1 - p2)
    }
    p2 <- uniroot(gradient, c(1e-300, top * (1 - 1e-15)), tol = 1e-18, maxiter = 10000)$root
    p1 <- theta * p2
    (x[1] - n[1] * p1)^2 / (n[1] * p1 * (1 - p1)) + (x[2] - n[2] * p2)^2 / (n[2] * p2 * (1 - p2)) - critical
  }
  middle <- log((x[1] / n[1]) / (x[2] / n[2]))
  exp(c(uniroot(excess, c(middle - 8, middle), tol = 1e-14)$root, uniroot(excess, c(middle, middle + 8), tol = 1e-14)$root))
}
bayes <- unlist(lapply(tables[-1], function(x) lapply(c(0.02, 0.3, 0.8), function(p) {
  n1 <- x[1] + x[3]; n0 <- x[2] + x[4]
  plus <- koopman(c(x[1], x[2]), c(n1, n0)); minus <- koopman(c(x[3], x[4]), c(n1, n0))
  se <- x[1] / n1; sp <- x[4] / n0
  list(table = matrix(x, 2, byrow = TRUE), prevalence = p, lr_positive = plus, lr_negative = minus,
       ppv = c(p * se / (p * se + (1 - p) * (1 - sp)), p * plus / (p * plus + 1 - p)),
       npv = c((1 - p) * sp / ((1 - p) * sp + p * (1 - se)), rev((1 - p) / (1 - p + p * minus))))
})), recursive = FALSE)
record("accuracy", packages = "epiR", wilson = all, simel = simel, bayes = bayes)
