# Permutation tests: coin's exact and asymptotic distributions, and every relabelling listed with
# combn for the log-rank test's observed less expected (survdiff).
Sys.setenv(TZ = "UTC")
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressMessages(library(coin)); suppressMessages(library(survival))

set.seed(19350)
means <- lapply(list(list(sleep$extra, rep(1:2, each = 10)), list(c(1, 1, 2, 2, 3, 9, 4), c(1, 1, 1, 2, 2, 2, 2)),
  list(round(rexp(14), 2), rep(c(1, 2), c(5, 9))), list(c(3, 3, 3, 4, 4, 4, 5), c(1, 2, 1, 2, 1, 2, 1))), function(case) {
  y <- case[[1]]; g <- factor(case[[2]])
  d <- independence_test(y ~ g, distribution = exact(algorithm = "split-up"), alternative = "two.sided")
  # two-sided by distance from the mean, listed
  all <- combn(length(y), sum(g == 2)); m <- apply(all, 2, function(i) mean(y[i]) - mean(y[-i]))
  seen <- mean(y[g == 2]) - mean(y[g == 1])
  listed <- mean(abs(m) >= abs(seen) - 1e-9)
  stopifnot(abs(listed - as.numeric(pvalue(d))) < 1e-9 || sum(g == 1) != sum(g == 2))
  list(values = I(y), group = I(case[[2]]), statistic = seen, p_value = listed, coin = as.numeric(pvalue(d)), n_permutations = ncol(all))
})

logrank <- lapply(list(list(12, 4, FALSE), list(10, 5, TRUE), list(11, 3, TRUE), list(13, 6, FALSE)), function(case) {
  n <- case[[1]]; g <- rep(1:2, c(n - case[[2]], case[[2]]))
  time <- rexp(n) * g * 5; time <- if (case[[3]]) ceiling(time) else time
  event <- rbinom(n, 1, 0.8)
  gap <- function(second) { s <- survdiff(Surv(time, event) ~ second); s$obs[2] - s$exp[2] }
  all <- combn(n, case[[2]]); m <- apply(all, 2, function(i) gap(seq_len(n) %in% i))
  list(time = I(time), event = I(event), group = I(g), statistic = gap(g == 2), p_value = mean(abs(m) >= abs(gap(g == 2)) - 1e-9), n_permutations = ncol(all))
})

several <- lapply(list(list(c(2, 2, 3), 7), list(c(2, 3, 3), 8)), function(case) {
  g <- rep(1:3, case[[1]]); y <- round(rnorm(case[[2]]) + g, 2)
  spread <- function(g) sum(tapply(y, g, function(v) length(v) * (mean(v) - mean(y))^2))
  orders <- as.matrix(unique(do.call(rbind, combn(case[[2]], case[[1]][1], function(a) {
    rest <- setdiff(seq_len(case[[2]]), a)
    t(combn(rest, case[[1]][2], function(b) { l <- rep(3, case[[2]]); l[a] <- 1; l[b] <- 2; l }))
  }, simplify = FALSE))))
  m <- apply(orders, 1, spread)
  list(values = I(y), group = I(g), statistic = spread(g), p_value = mean(m >= spread(g) - 1e-9), n_permutations = nrow(orders))
})
record("permutation", packages = c("coin", "survival"), means = means, logrank = logrank, several = several)
