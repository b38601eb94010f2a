# Two assays on the same patients. mcnemar.test and binom.test are base R; Tango's and Newcombe's
# intervals, which no Debian package has, are written from their papers.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))

tables <- list(
  c(71, 6, 37, 219),  # Vox Sang 2015;108:287: GAT/GIFT against flow
  c(3, 8, 0, 7),      # Jinca 2021: GIFT against GAT
  c(4, 12, 0, 27),    # thyroid study: GIFT against GAT
  c(59, 6, 16, 80),   # Cavo 2012
  c(1, 1, 7, 12),     # Bentur 2009
  c(5, 4, 4, 9), c(0, 3, 2, 0), c(10, 0, 4, 0), c(0, 0, 5, 0), c(400, 90, 130, 2000), c(1, 8, 9, 1)
)
levels <- c(0.9, 0.95, 0.99)
tight <- .Machine$double.eps

score <- function(delta, x, z) {  # Tango 1998: squared statistic, q21 from his quadratic
  b <- x[2]; c <- x[3]; n <- sum(x)
  roots <- polyroot(c(-c * delta * (1 - delta), (2 * n - b + c) * delta - b - c, 2 * n))
  q21 <- max(Re(roots))
  (b - c - n * delta)^2 - z^2 * n * (2 * q21 + delta * (1 - delta))
}
tango <- function(x, level) {
  z <- qnorm(1 - (1 - level) / 2)
  middle <- (x[2] - x[3]) / sum(x)
  end <- function(from, inside) {
    if (score(from, x, z) * score(inside, x, z) >= 0) return(from)
    uniroot(score, sort(c(from, inside)), x = x, z = z, tol = tight, maxiter = 5000)$root
  }
  c(end(-1, middle - 1e-8), end(1, middle + 1e-8))
}
wilson <- function(x, n, level) as.numeric(suppressWarnings(
  prop.test(x, n, conf.level = level, correct = FALSE)$conf.int))
newcombe <- function(x, level) {  # Newcombe 1998, Stat Med 17:2635, method 10
  n <- sum(x); e <- x[1]; f <- x[2]; g <- x[3]; h <- x[4]
  p1 <- (e + f) / n; p2 <- (e + g) / n
  w1 <- wilson(e + f, n, level); w2 <- wilson(e + g, n, level)
  dl2 <- p1 - w1[1]; du2 <- w1[2] - p1; dl3 <- p2 - w2[1]; du3 <- w2[2] - p2
  A <- (e + f) * (g + h) * (e + g) * (f + h)
  B <- e * h - f * g
  C <- if (B > n / 2) B - n / 2 else if (B >= 0) 0 else B
  phi <- if (A == 0) 0 else C / sqrt(A)
  p1 - p2 + c(-sqrt(dl2^2 - 2 * phi * dl2 * du3 + du3^2), sqrt(du2^2 - 2 * phi * du2 * dl3 + dl3^2))
}
odds <- function(p) p / (1 - p)
mid_p_limits <- function(x, n, level) {
  tail <- (1 - level) / 2
  upper <- function(p) pbinom(x, n, p, lower.tail = FALSE) + 0.5 * dbinom(x, n, p) - tail
  lower <- function(p) pbinom(x, n, p) - 0.5 * dbinom(x, n, p) - tail
  c(if (x == 0) 0 else uniroot(upper, c(0, 1), tol = tight)$root,
    if (x == n) 1 else uniroot(lower, c(0, 1), tol = tight)$root)
}

tests <- lapply(tables, function(x) {
  m <- matrix(x, 2, byrow = TRUE)
  n <- x[2] + x[3]
  exact <- binom.test(x[2], n)$p.value
  mid <- if (x[2] == x[3]) 1 - 0.5 * dbinom(x[2], n, 0.5) else exact - dbinom(x[2], n, 0.5)
  plain <- mcnemar.test(m, correct = FALSE)
  edwards <- mcnemar.test(m, correct = TRUE)
  list(table = m, exact = exact, mid_p = mid,
       asymptotic = plain$p.value, statistic = unname(plain$statistic),
       continuity = edwards$p.value, corrected = unname(edwards$statistic))
})
intervals <- unlist(lapply(tables, function(x) lapply(levels, function(level) {
  n <- x[2] + x[3]
  exact <- odds(binom.test(x[2], n, conf.level = level)$conf.int)
  mid <- odds(mid_p_limits(x[2], n, level))
  dice <- function(k) { w <- wilson(k, k + n, level); 2 * w / (1 + w) }
  list(table = matrix(x, 2, byrow = TRUE), conf_level = level, tango = tango(x, level),
       newcombe = newcombe(x, level), exact = exact, mid_p = mid,
       overall = wilson(x[1] + x[4], sum(x), level), positive = dice(x[1]), negative = dice(x[4]))
})), recursive = FALSE)

record("paired", tests = tests, intervals = intervals)
