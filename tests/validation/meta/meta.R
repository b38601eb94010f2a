# Meta-analysis by metafor: the BCG vaccine trials of its documentation (Colditz 1994), G-CSF in
# three series of agranulocytosis, and drawn studies: much, little and no heterogeneity.
# REML is iterated to 1e-14, so that its last digits are those of the maximum.
Sys.setenv(TZ = "UTC")
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressMessages(library(metafor))

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
gcsf <- escalc(measure = "MD", m1i = c(5.5, 2.3, 6.8), sd1i = c(3.5, 1.9, 4), n1i = c(19, 15, 10),
               m2i = c(9.2, 5.4, 11.6), sd2i = c(4.4, 4.3, 5), n2i = c(37, 34, 10))
set.seed(20190789)
drawn <- function(k, tau) { s <- runif(k, 0.3, 2); data.frame(yi = rnorm(k, -3, sqrt(tau^2 + s^2)), vi = s^2) }
sets <- list(bcg = bcg, gcsf = gcsf, wide = drawn(9, 4), narrow = drawn(12, 0.5), alike = drawn(6, 0),
             three = drawn(3, 2), outlier = data.frame(yi = c(1, 1.1, 0.9, 9), vi = c(0.01, 0.02, 0.015, 0.05)))
fine <- list(threshold = 1e-14, maxiter = 10000, stepadj = 0.5)
fit <- function(data, method) switch(method,
  fixed = rma(yi, vi, data = data, method = "FE"),
  dersimonian_laird = rma(yi, vi, data = data, method = "DL"),
  reml_hartung_knapp = rma(yi, vi, data = data, method = "REML", test = "adhoc", control = fine))  # q at least 1
methods <- c("fixed", "dersimonian_laird", "reml_hartung_knapp")

pooled <- list(); left_out <- list()
for (name in names(sets)) for (method in methods) for (level in c(95, 90)) {
  d <- sets[[name]]; r <- fit(d, method)
  half <- if (method == "reml_hartung_knapp") qt(0.5 + level / 200, r$k - 1) else qnorm(0.5 + level / 200)
  # Q-profile limits, of the method's own tau2 where it has one
  profile <- confint(if (method == "fixed") fit(d, "dersimonian_laird") else r, level = level,
                     control = list(tol = 1e-13, maxiter = 10000, tau2.max = 1e4))$random
  random <- if (method == "fixed") fit(d, "dersimonian_laird") else r
  prediction <- NULL
  if (method == "dersimonian_laird" && r$k > 2) {  # Higgins 2009: t with k - 2
    h <- qt(0.5 + level / 200, r$k - 2) * sqrt(r$se^2 + r$tau2); prediction <- c(r$beta - h, r$beta + h)
  }
  if (method == "reml_hartung_knapp") { p <- predict(r, level = level); prediction <- c(p$pi.lb, p$pi.ub) }
  pooled <- c(pooled, list(list(
    set = name, yi = I(as.numeric(d$yi)), se = I(sqrt(as.numeric(d$vi))), method = method, conf_level = level / 100,
    expected = list(estimate = as.numeric(r$beta), se = r$se, statistic = r$zval, p_value = r$pval,
                    ci_low = as.numeric(r$beta) - half * r$se, ci_high = as.numeric(r$beta) + half * r$se),
    heterogeneity = list(q = r$QE, p_value = r$QEp, tau_squared = random$tau2, i_squared = random$I2 / 100,
      tau_squared_low = profile["tau^2", 2], tau_squared_high = profile["tau^2", 3],
      i_squared_low = profile["I^2(%)", 2] / 100, i_squared_high = profile["I^2(%)", 3] / 100),
    weight = I(as.numeric(weights(r)) / 100), prediction = if (is.null(prediction)) I(numeric()) else I(prediction))))
}
for (name in c("bcg", "gcsf")) for (method in methods) {
  l <- leave1out(fit(sets[[name]], method))
  left_out <- c(left_out, list(list(yi = I(as.numeric(sets[[name]]$yi)), se = I(sqrt(as.numeric(sets[[name]]$vi))), method = method,
    estimate = I(l$estimate), errors = I(l$se))))
}
groups <- lapply(methods, function(method) {
  label <- as.character(bcg$alloc)
  by <- lapply(sort(unique(label)), function(g) fit(bcg[label == g, ], method))
  y <- sapply(by, function(r) as.numeric(r$beta)); s <- sapply(by, function(r) r$se)
  q <- rma(y, sei = s, mods = ~ factor(sort(unique(label))), method = "FE")
  list(yi = I(as.numeric(bcg$yi)), se = I(sqrt(as.numeric(bcg$vi))), group = I(label), method = method,
       labels = I(sort(unique(label))), estimate = I(y), errors = I(s), statistic = q$QM, df = length(y) - 1, p_value = q$QMp)
})
arms <- lapply(1:3, function(i) list(
  n = I(c(c(19, 15, 10)[i], c(37, 34, 10)[i])), mean = I(c(c(5.5, 2.3, 6.8)[i], c(9.2, 5.4, 11.6)[i])),
  sd = I(c(c(3.5, 1.9, 4)[i], c(4.4, 4.3, 5)[i])), estimate = as.numeric(gcsf$yi[i]), se = sqrt(as.numeric(gcsf$vi[i]))))

# Luo 2018 and Wan 2014 in their own words: no package of Debian's has them.
quantiles <- list()
for (n in c(2, 5, 17, 30, 91, 400)) for (x in list(c(1, 3, 5, 9, 21), c(2, 2, 4.5, 6, 10), c(-3, -1, 0, 1, 3))) {
  xi <- 2 * qnorm((n - 0.375) / (n + 0.25)); eta <- 2 * qnorm((0.75 * n - 0.125) / (n + 0.25))
  w1 <- 4 / (4 + n^0.75); w2 <- 0.7 + 0.39 / n; a <- 2.2 / (2.2 + n^0.75); b <- 0.7 - 0.72 / n^0.55
  quantiles <- c(quantiles, list(list(n = n, values = I(x),
    range = I(c(w1 * (x[1] + x[5]) / 2 + (1 - w1) * x[3], (x[5] - x[1]) / xi)),
    quartiles = I(c(w2 * (x[2] + x[4]) / 2 + (1 - w2) * x[3], (x[4] - x[2]) / eta)),
    both = I(c(a * (x[1] + x[5]) / 2 + b * (x[2] + x[4]) / 2 + (1 - a - b) * x[3],
               (x[5] - x[1]) / (2 * xi) + (x[4] - x[2]) / (2 * eta))))))
}

# t.test wants patients: drawn ones, moved and stretched to an arm's mean and SD.
sample_of <- function(n, mean, sd) mean + sd * as.numeric(scale(rnorm(n)))
t_tests <- list()
for (i in 1:3) for (equal in c(TRUE, FALSE)) {
  n <- c(c(19, 15, 10)[i], c(37, 34, 10)[i]); m <- c(c(5.5, 2.3, 6.8)[i], c(9.2, 5.4, 11.6)[i])
  s <- c(c(3.5, 1.9, 4)[i], c(4.4, 4.3, 5)[i])
  r <- t.test(sample_of(n[1], m[1], s[1]), sample_of(n[2], m[2], s[2]), var.equal = equal)
  t_tests <- c(t_tests, list(list(n = I(n), mean = I(m), sd = I(s), equal_variances = equal,
    statistic = as.numeric(r$statistic), df = as.numeric(r$parameter), p_value = r$p.value)))
}
record("meta", packages = c("metafor", "metadat"), pooled = pooled, left_out = left_out, groups = groups,
       arms = arms, quantiles = quantiles, t_tests = t_tests)
