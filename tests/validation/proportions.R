# One proportion and the comparison of two. Base R where it has the interval (prop.test: Wilson;
# binom.test: Clopper-Pearson; qbeta: Jeffreys), else the definition solved by uniroot.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

interval <- function(estimate, limits) {
  list(estimate = estimate, ci_low = limits[1], ci_high = limits[2])
}
z_of <- function(level) qnorm((1 + level) / 2)
# prop.test warns of small expected counts, which is no news here.
wilson <- function(x, n, level) {
  as.numeric(suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE))$conf.int)
}
exact <- function(x, n, level) as.numeric(binom.test(x, n, conf.level = level)$conf.int)
# Brown, Cai and DasGupta 2001, section 4.1.2: the limits are 0 and 1 where x is 0 or n.
jeffreys <- function(x, n, level) {
  limits <- qbeta(c(1 - level, 1 + level) / 2, x + 0.5, n - x + 0.5)
  c(if (x == 0) 0 else limits[1], if (x == n) 1 else limits[2])
}

# Newcombe 1998 (difference), method 10: square and add.
newcombe <- function(x1, n1, x2, n2, level) {
  a <- wilson(x1, n1, level)
  b <- wilson(x2, n2, level)
  gap <- x1 / n1 - x2 / n2
  c(
    gap - sqrt((x1 / n1 - a[1])^2 + (b[2] - x2 / n2)^2),
    gap + sqrt((a[2] - x1 / n1)^2 + (x2 / n2 - b[1])^2)
  )
}

root <- function(f, low, high) {
  uniroot(f, c(low, high), tol = 1e-15, maxiter = 10000)$root
}
# Where a decreasing function crosses zero; the end where it does not.
crossing <- function(f, low, high) {
  if (f(low) <= 0) low else if (f(high) >= 0) high else root(f, low, high)
}
part <- function(count, p) if (count == 0) 0 else count / p

# Miettinen and Nurminen 1985, equations 8 and 9: the restricted risk maximises the likelihood
# under p1 = p2 + delta; found from the derivative of the likelihood, not from their cubic.
miettinen_nurminen <- function(x1, n1, x2, n2, level) {
  gap <- x1 / n1 - x2 / n2
  z <- function(delta) {
    if (delta == gap) return(0)
    slope <- function(q) {
      part(x1, q + delta) - part(n1 - x1, 1 - q - delta) + part(x2, q) - part(n2 - x2, 1 - q)
    }
    edge <- 1e-15
    q2 <- crossing(slope, max(0, -delta) + edge, min(1, 1 - delta) - edge)
    q1 <- q2 + delta
    n <- n1 + n2
    variance <- (q1 * (1 - q1) / n1 + q2 * (1 - q2) / n2) * n / (n - 1)
    (gap - delta) / sqrt(max(variance, 0))
  }
  edge <- 1e-13
  low <- crossing(function(d) z(d) - z_of(level), -1 + edge, gap)
  high <- crossing(function(d) z(d) + z_of(level), gap, 1 - edge)
  if (gap >= 1 - edge) high <- 1
  if (gap <= -1 + edge) low <- -1
  c(low, high)
}

# Koopman 1984: Pearson's statistic about the risks that maximise the likelihood under p1 = theta p2.
koopman <- function(x1, n1, x2, n2, level) {
  statistic <- function(log_theta) {
    theta <- exp(log_theta)
    slope <- function(q1) {
      part(x1 + x2, q1) - part(n1 - x1, 1 - q1) - part(n2 - x2, theta - q1)
    }
    top <- min(1, theta)
    q1 <- crossing(slope, top * 1e-15, top * (1 - 1e-15))
    q2 <- q1 / theta
    (x1 - n1 * q1)^2 / (n1 * q1 * (1 - q1)) + (x2 - n2 * q2)^2 / (n2 * q2 * (1 - q2))
  }
  limit <- qchisq(level, 1)
  middle <- if (x1 == 0) -30 else log((x1 / n1) / (x2 / n2))
  c(
    if (x1 == 0) 0 else exp(crossing(function(t) statistic(t) - limit, -30, middle - 1e-9)),
    exp(crossing(function(t) limit - statistic(t), middle + 1e-9, 30))
  )
}
# Katz and others 1978.
katz <- function(x1, n1, x2, n2, level) {
  se <- sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)
  exp(log((x1 / n1) / (x2 / n2)) + c(-1, 1) * z_of(level) * se)
}

# --- cases -------------------------------------------------------------------------------------
# Newcombe's four and their complement; the counts of Kyritsi 2015; one patient; none; all; many.
singles <- rbind(
  c(81, 263), c(15, 148), c(0, 20), c(1, 29), c(29, 29), c(95, 218), c(16, 43), c(13, 26), c(1, 5),
  c(0, 6), c(2, 2), c(0, 4), c(4, 43), c(0, 43), c(0, 1), c(1, 1), c(1, 2), c(5, 10), c(1, 1000),
  c(999, 1000), c(1000, 1000), c(0, 100000), c(50000, 100000)
)
one <- list()
for (level in c(0.8, 0.9, 0.95, 0.99, 0.999)) {
  for (i in seq_len(nrow(singles))) {
    x <- singles[i, 1]
    n <- singles[i, 2]
    for (method in c("wilson", "clopper_pearson", "jeffreys")) {
      limits <- switch(method, wilson = wilson, clopper_pearson = exact, jeffreys = jeffreys)
      one <- c(one, list(list(
        events = x, n = n, conf_level = level, method = method,
        expected = interval(x / n, limits(x, n, level))
      )))
    }
  }
}

bound <- list()
for (level in c(0.8, 0.95, 0.99)) {
  for (i in seq_len(nrow(singles))) {
    x <- singles[i, 1]
    n <- singles[i, 2]
    upper <- binom.test(x, n, conf.level = level, alternative = "less")$conf.int[2]
    bound <- c(bound, list(list(
      events = x, n = n, conf_level = level,
      expected = list(estimate = x / n, ci_low = 0, ci_high = upper)
    )))
  }
}
# The first n, tried one by one, whose upper bound is not above the wanted one.
enough <- list()
for (level in c(0.9, 0.95)) {
  for (x in c(0, 1, 2, 7)) {
    for (wanted in c(0.3, 0.05, 0.01, 0.0037)) {
      n <- x + seq_len(10000)
      first <- n[qbeta(level, x + 1, n - x) <= wanted][1]
      enough <- c(enough, list(list(events = x, bound = wanted, conf_level = level, n = first)))
    }
  }
}

# Newcombe's eight; HT against the rest in Kyritsi 2015; Perondi's 7/34 and 1/34; the extremes.
pairs <- rbind(
  c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 0, 20),
  c(0, 10, 0, 10), c(10, 10, 0, 20), c(10, 10, 0, 10), c(13, 26, 3, 17), c(7, 34, 1, 34),
  c(36, 40, 16, 80), c(0, 5, 5, 5), c(1, 1, 0, 1), c(0, 1, 0, 1), c(1, 1, 1, 1), c(1, 2, 1, 2),
  c(10, 10, 20, 20), c(3, 100, 200, 1000), c(1, 1000, 0, 3), c(5, 5, 2, 9), c(0, 8, 3, 9),
  c(2, 9, 7, 7), c(1, 3, 400, 900)
)
difference <- list()
ratio <- list()
for (level in c(0.8, 0.95, 0.99)) {
  for (i in seq_len(nrow(pairs))) {
    k <- pairs[i, ]
    groups <- list(events_1 = k[1], n_1 = k[2], events_2 = k[3], n_2 = k[4], conf_level = level)
    p <- c(k[1] / k[2], k[3] / k[4])
    for (method in c("newcombe", "score")) {
      limits <- switch(method, newcombe = newcombe, score = miettinen_nurminen)
      difference <- c(difference, list(c(groups, list(
        method = method,
        expected = interval(p[1] - p[2], limits(k[1], k[2], k[3], k[4], level))
      ))))
    }
    if (k[3] == 0) next
    for (method in c("score", if (k[1] > 0) "log")) {
      limits <- switch(method, score = koopman, log = katz)
      ratio <- c(ratio, list(c(groups, list(
        method = method,
        expected = interval(p[1] / p[2], limits(k[1], k[2], k[3], k[4], level))
      ))))
    }
  }
}

record("proportions",
  proportion = one, proportion_upper_bound = bound, n_for_bound = enough,
  proportion_difference = difference, risk_ratio = ratio
)
