# Two measuring methods: Bland and Altman by lm and t.test; Passing and Bablok's line, which no
# Debian package has, pair by pair from the paper; its cusum test as the Kolmogorov-Smirnov test it is.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))

wright <- c(494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427)
mini <- c(512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451)
set.seed(198602)
truth <- rexp(40, 1 / 20) + 5
sets <- list(list(wright, mini), list(round(truth * exp(rnorm(40, 0, 0.1)), 1), round(1.1 * truth * exp(rnorm(40, 0, 0.1)) + 2, 1)),
             list(round(log2(8 * 2^rbinom(30, 7, 0.4))) + rbinom(30, 2, 0.5), round(log2(8 * 2^rbinom(30, 7, 0.4)))),
             list((1:25) + rnorm(25), (1:25)^2 / 10 + rnorm(25)))
bland <- unlist(lapply(sets, function(s) lapply(list(c(0.95, 0.95), c(0.9, 0.95), c(0.95, 0.8)), function(k) {
  d <- s[[1]] - s[[2]]; m <- (s[[1]] + s[[2]]) / 2; n <- length(d)
  z <- qnorm((1 + k[2]) / 2); t <- qt((1 + k[1]) / 2, n - 1)
  se <- sqrt(var(d) * (1 / n + z^2 / (2 * (n - 1))))
  lower <- mean(d) - z * sd(d); upper <- mean(d) + z * sd(d)
  fit <- lm(d ~ m)
  list(first = s[[1]], second = s[[2]], conf_level = k[1], coverage = k[2], sd = sd(d),
       bias = c(mean(d), t.test(d, conf.level = k[1])$conf.int), lower = lower + c(0, -1, 1) * t * se,
       upper = upper + c(0, -1, 1) * t * se, slope = c(coef(fit)[[2]], confint(fit, level = k[1])[2, ]))
})), recursive = FALSE)

passing <- function(x, y, level) {
  n <- length(x); S <- c()
  for (i in 1:(n - 1)) for (j in (i + 1):n) {
    if (x[i] == x[j] && y[i] == y[j]) next
    s <- if (x[i] == x[j]) sign(y[j] - y[i]) * Inf else (y[i] - y[j]) / (x[i] - x[j])
    if (s != -1) S <- c(S, s)
  }
  S <- sort(S); N <- length(S); K <- sum(S < -1)
  b <- if (N %% 2) S[(N + 1) / 2 + K] else (S[N / 2 + K] + S[N / 2 + 1 + K]) / 2
  C <- qnorm((1 + level) / 2) * sqrt(n * (n - 1) * (2 * n + 5) / 18)
  M1 <- round((N - C) / 2); M2 <- N - M1 + 1
  slope <- c(b, S[M1 + K], S[M2 + K])
  intercept <- c(median(y - b * x), median(y - slope[3] * x), median(y - slope[2] * x))
  residual <- y - intercept[1] - b * x
  residual[abs(residual) < 1e-9] <- 0
  D <- (y + x / b - intercept[1]) / sqrt(1 + 1 / b^2)
  up <- D[residual > 0]; down <- D[residual < 0]
  ks <- suppressWarnings(ks.test(up, down, exact = FALSE))
  l <- length(up); L <- length(down)
  k <- unname(ks$statistic) * sqrt(l * L / (l + L))
  list(slope = slope, intercept = intercept, cusum = k, p_value = 2 * sum((-1)^(0:200) * exp(-2 * (1:201)^2 * k^2)))
}
lines <- unlist(lapply(sets[c(1, 2, 4)], function(s) lapply(c(0.9, 0.95), function(level)
  c(list(x = s[[1]], y = s[[2]], conf_level = level), passing(s[[1]], s[[2]], level)))), recursive = FALSE)
record("method_comparison", bland = bland, lines = lines)
