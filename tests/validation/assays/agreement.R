# Agreement beyond chance: kappa and weighted kappa by vcd, PABAK and the two indices by epiR; AC1,
# which no Debian package has, by Gwet's expanded variance for two raters (2008).
Sys.setenv(TZ = "UTC")
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressMessages({library(vcd); library(epiR)})

two <- list(c(71, 6, 37, 219), c(3, 8, 0, 7), c(4, 12, 0, 27), c(20, 5, 10, 15), c(1, 4, 6, 200),
            c(30, 12, 3, 1), c(0, 3, 4, 20))
tables <- c(lapply(two, function(x) matrix(x, 2, byrow = TRUE)), list(
  matrix(c(13, 0, 0, 0, 20, 7, 0, 4, 56), 3, byrow = TRUE),  # Gwet's abstractors
  matrix(c(12, 3, 1, 0, 4, 9, 5, 1, 0, 2, 11, 4, 0, 0, 3, 8), 4, byrow = TRUE),
  matrix(c(40, 2, 0, 0, 0, 5, 8, 3, 0, 0, 1, 4, 6, 2, 0, 0, 0, 1, 3, 2, 0, 0, 0, 1, 0), 5, byrow = TRUE)))
levels <- c(0.9, 0.95)

ac1 <- function(m, level) {
  n <- sum(m); q <- nrow(m); p <- m / n
  pa <- sum(diag(p)); pik <- (rowSums(p) + colSums(p)) / 2
  pe <- sum(pik * (1 - pik)) / (q - 1)
  g <- (pa - pe) / (1 - pe)
  s1 <- sum(diag(p) * (1 - pik)) / (q - 1)
  s2 <- 0
  for (k in 1:q) for (l in 1:q) s2 <- s2 + p[k, l] * (1 - (pik[k] + pik[l]) / 2)^2
  s2 <- s2 / (q - 1)^2
  v <- (pa * (1 - pa) - 4 * (1 - g) * (s1 - pa * pe) + 4 * (1 - g)^2 * (s2 - pe^2)) / (n * (1 - pe)^2)
  c(g, sqrt(v), pmin(g + c(-1, 1) * qt(1 - (1 - level) / 2, n - 1) * sqrt(v), 1))
}
limits <- function(value, ase, level) {
  z <- qnorm(1 - (1 - level) / 2)
  c(value, max(value - z * ase, -1), min(value + z * ase, 1))
}
cases <- unlist(lapply(tables, function(m) lapply(levels, function(level) {
  linear <- Kappa(m, weights = "Equal-Spacing")
  square <- Kappa(m, weights = "Fleiss-Cohen")
  ac <- ac1(m, level)
  list(table = m, conf_level = level,
       none = limits(linear$Unweighted[["value"]], linear$Unweighted[["ASE"]], level),
       linear = limits(linear$Weighted[["value"]], linear$Weighted[["ASE"]], level),
       quadratic = limits(square$Weighted[["value"]], square$Weighted[["ASE"]], level),
       ac1 = ac[c(1, 3, 4)])
})), recursive = FALSE)
adjusted <- lapply(tables[seq_along(two)], function(m) {
  k <- epi.kappa(m, method = "fleiss")
  agreed <- suppressWarnings(prop.test(sum(diag(m)), sum(m), correct = FALSE))$conf.int
  list(table = m, pabak = k$pabak$est, prevalence_index = k$pindex$est,
       bias_index = k$bindex$est, pabak_limits = 2 * as.numeric(agreed) - 1)
})
record("agreement", packages = c("vcd", "epiR"), cases = cases, adjusted = adjusted)
