# Rubin's rules by mice's pool.scalar, with Barnard and Rubin's df written out: mice's own takes no
# share of the variance below 1e-4. Cumulative hazards are survfit's: mice's nelsonaalen has Efron's
# increments where times are tied. Imputed data sets are compared with mice's in what they average to over many imputations, as draws can't be the same.
Sys.setenv(TZ = "UTC")
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressWarnings(suppressMessages(library(mice)))
suppressMessages(library(survival))

set.seed(19990948)
pooled <- list()
for (m in c(2, 5, 20)) for (n in c(12, 200, Inf)) for (spread in c(0.01, 0.5, 3)) {
  q <- rnorm(m, 1, spread); u <- runif(m, 0.2, 0.6); k <- 3
  r <- pool.scalar(q, u, n = n, k = k)
  lambda <- (1 + 1 / m) * r$b / r$t; complete <- n - k
  old <- (m - 1) / lambda^2; seen <- (complete + 1) / (complete + 3) * complete * (1 - lambda)
  df <- if (is.infinite(n)) old else old * seen / (old + seen)
  if (lambda >= 1e-4) stopifnot(abs(df / r$df - 1) < 1e-12)
  r$fmi <- if (lambda >= 1e-4) r$fmi else (r$r + 2 / (df + 3)) / (r$r + 1)
  r$df <- df
  half <- qt(0.975, r$df) * sqrt(r$t)
  pooled <- c(pooled, list(list(estimates = I(q), variances = I(u), n = n, k = k, expected = list(
    estimate = r$qbar, within = r$ubar, between = r$b, se = sqrt(r$t), df = r$df, fraction_missing = r$fmi,
    ci_low = r$qbar - half, ci_high = r$qbar + half, p_value = 2 * pt(-abs(r$qbar) / sqrt(r$t), r$df)))))
}

drawn <- data.frame(time = c(ceiling(rexp(25) * 10), 0.3, 0.1 + 0.2), event = c(rbinom(25, 1, 0.7), 1, 1))
curve <- survfit(Surv(time, event) ~ 1, transform(drawn, time = round(time, 9)), ctype = 1)
hazard <- summary(curve, times = sort(unique(round(drawn$time, 9))))$cumhaz[match(round(drawn$time, 9), sort(unique(round(drawn$time, 9))))]

# One incomplete data set; 400 imputations with mice: a normal, a matched and a binary column.
n <- 120
x <- rnorm(n); z <- rbinom(n, 1, plogis(x)); y <- 0.5 * x + 0.8 * z + rnorm(n)
data <- data.frame(x = x, z = z, y = y)
data$x[runif(n) < plogis(y - 1)] <- NA
data$z[runif(n) < plogis(-y - 1)] <- NA
imputed <- lapply(c(normal = "norm", matched = "pmm"), function(method) {
  made <- mice(transform(data, z = factor(z)), m = 400, maxit = 10, method = c(method, "logreg", ""), printFlag = FALSE, seed = 7)
  by <- sapply(1:400, function(i) { d <- complete(made, i); d$z <- as.integer(d$z) - 1; f <- lm(y ~ x + z, d); c(mean(d$x), mean(d$z), sd(d$x), cor(d$x, d$z), coef(f)[2:3], sqrt(diag(vcov(f)))[2:3]) })
  list(mean = I(unname(rowMeans(by))), spread = I(unname(apply(by, 1, sd))))
})
incomplete <- list(list(x = I(data$x), z = I(data$z), y = I(data$y), normal = imputed$normal, matched = imputed$matched))
record("imputation", packages = c("mice", "survival"), pooled = pooled,
       hazard = list(list(time = I(drawn$time), event = I(drawn$event), expected = I(hazard))), incomplete = incomplete)
