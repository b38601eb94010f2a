# Correlations. Base R's cor.test for r and its interval; corpcor for the partial correlation;
# Bonett and Wright 2000 and Fisher 1924 in the few lines they take.
suppressPackageStartupMessages(library(corpcor))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

z_of <- function(level) qnorm((1 + level) / 2)
t_p <- function(r, df) 2 * pt(-abs(r) * sqrt(df / (1 - r^2)), df)

tuna <- list(  # ?cor.test: Hollander and Wolfe 1973, 187f
  x = c(44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1),
  y = c(2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8)
)
complete <- airquality[complete.cases(airquality), ]
pairs <- list(
  tuna,
  list(x = USJudgeRatings$CONT, y = USJudgeRatings$INTG),  # ?cor.test
  list(x = mtcars$mpg, y = mtcars$wt),
  list(x = mtcars$cyl, y = mtcars$gear),                   # many ties
  list(x = complete$Ozone, y = complete$Temp),
  list(x = c(1, 2, 3, 4), y = c(1, 3, 2, 4)),
  list(x = c(1, 2, 3, 4), y = c(0, 0, 0, 1)),
  list(x = c(1, 2, 3, 4, 5), y = c(2, 1, 3, 1, 2)),
  list(x = c(1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 5), y = c(4, 2, 3, 1)),
  list(x = 1:30, y = (1:30)^3),
  list(x = c(1, 2, 3, 4, 50), y = c(2, 2.1, 1.9, 2, 9))
)
pearson <- list()
spearman <- list()
for (level in c(0.8, 0.95, 0.99)) {
  for (pair in pairs) {
    head <- list(x = I(pair$x), y = I(pair$y), conf_level = level)
    test <- cor.test(pair$x, pair$y, conf.level = level)
    pearson <- c(pearson, list(c(head, list(expected = list(
      estimate = unname(test$estimate), ci_low = test$conf.int[1], ci_high = test$conf.int[2],
      n = length(pair$x), p_value = test$p.value
    )))))
    # cor.test warns that ties have no exact P; the t approximation is what is compared.
    n <- length(pair$x)
    rho <- unname(suppressWarnings(
      cor.test(pair$x, pair$y, method = "spearman", exact = FALSE)$estimate
    ))
    p <- suppressWarnings(cor.test(pair$x, pair$y, method = "spearman", exact = FALSE)$p.value)
    limits <- if (rho == 1) c(1, 1) else {
      tanh(atanh(rho) + c(-1, 1) * z_of(level) * sqrt((1 + rho^2 / 2) / (n - 3)))
    }
    spearman <- c(spearman, list(c(head, list(expected = list(
      estimate = rho, ci_low = limits[1], ci_high = limits[2], n = n, p_value = p
    )))))
  }
}

# Fisher 1924: a partial correlation given k covariates is a correlation of n - k pairs.
partial_case <- function(x, y, z, level) {
  z <- as.matrix(z)
  r <- cor2pcor(cor(cbind(x, y, z)))[1, 2]
  n <- length(x) - ncol(z)
  limits <- tanh(atanh(r) + c(-1, 1) * z_of(level) / sqrt(n - 3))
  list(
    x = I(x), y = I(y), covariates = unname(z), conf_level = level,
    expected = list(
      estimate = r, ci_low = limits[1], ci_high = limits[2], n = length(x), p_value = t_p(r, n - 2)
    )
  )
}
partial <- list()
for (level in c(0.9, 0.95)) {
  partial <- c(partial, list(
    partial_case(mtcars$mpg, mtcars$wt, mtcars$hp, level),
    partial_case(mtcars$mpg, mtcars$qsec, mtcars[c("wt", "hp", "am")], level),
    partial_case(complete$Ozone, complete$Temp, complete[c("Wind", "Solar.R")], level),
    partial_case(tuna$x, tuna$y, c(1, 0, 0, 1, 1, 0, 1, 0, 0), level),
    partial_case(c(1, 2, 3, 4, 5), c(2, 1, 4, 3, 7), c(0, 1, 0, 1, 0), level)
  ))
}

# What a printed r and P imply: every n from 3 on is tried, as R's cor.test would give P.
p_values <- list()
for (r in c(-0.9, -0.274, -0.16, 0.001, 0.266, 0.5, 0.99)) {
  for (n in c(3, 4, 10, 68, 95, 157, 1000)) {
    p_values <- c(p_values, list(list(r = r, n = n, p_value = t_p(r, n - 2))))
  }
}
implied <- list()
for (printed in list(
  c(-0.274, 0.007, 3), c(-0.16, 0.045, 3), c(-0.266, 0.001, 3), c(-0.274, 0.024, 3),
  c(0.13, 0.54, 2), c(0.5, 0.05, 2), c(0.9, 0.1, 1), c(-0.8, 0.2, 1), c(0.35, 0.0004, 4)
)) {
  n <- 3:20000
  p <- t_p(printed[1], n - 2)
  half <- 0.5 * 10^-printed[3]
  fits <- n[p >= printed[2] - half & p < printed[2] + half]
  implied <- c(implied, list(list(
    r = printed[1], p = printed[2], p_digits = printed[3], smallest = min(fits), largest = max(fits)
  )))
}

record(
  "correlation", packages = "corpcor", pearson = pearson, spearman = spearman, partial = partial,
  p_value_of = p_values, implied_n = implied
)
