# Several assays on the same patients. Cochran's Q by mantelhaen.test (patients as strata) and by
# coin's marginal homogeneity test; its exact P by listing every placement; Fleiss' kappa with a
# variance from complex-step derivatives, independent of Gwet's algebra.
Sys.setenv(TZ = "UTC")
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressMessages(library(coin))

expand <- function(patterns, times) patterns[rep(seq_len(nrow(patterns)), times), , drop = FALSE]
cochran <- expand(rbind(c(1, 1, 1, 1), c(1, 1, 0, 1), c(0, 1, 1, 1), c(0, 1, 0, 1), c(0, 0, 0, 0)),
                  c(4, 2, 3, 1, 59))  # Cochran 1950: four media for diphtheria bacilli
thyroid <- expand(rbind(c(1, 1, 0), c(1, 0, 0), c(0, 0, 0)), c(4, 12, 27))  # GIFT, GAT, LIFT
set.seed(20150323)
drawn <- function(n, k, p) {
  sick <- runif(n) < 0.4
  sapply(seq_len(k), function(j) as.integer(runif(n) < ifelse(sick, p[j], 0.1)))
}
matrices <- list(cochran, thyroid, drawn(60, 3, c(0.8, 0.5, 0.3)), drawn(150, 5, c(0.9, 0.8, 0.8, 0.7, 0.5)),
                 drawn(12, 4, c(0.9, 0.4, 0.6, 0.5)))

asymptotic <- lapply(matrices, function(x) {
  n <- nrow(x); k <- ncol(x)
  long <- data.frame(y = factor(as.vector(x)), assay = factor(rep(1:k, each = n)), id = factor(rep(1:n, k)))
  q <- mh_test(y ~ assay | id, data = long)
  m <- mantelhaen.test(table(long$assay, long$y, long$id)[, , rowSums(x) > 0 & rowSums(x) < k, drop = FALSE])
  stopifnot(abs(m$p.value - pvalue(q)) < 1e-8)
  list(positive = x, statistic = as.numeric(statistic(q)), df = k - 1, p_value = as.numeric(pvalue(q)))
})

exact <- lapply(list(drawn(7, 3, c(0.9, 0.5, 0.2)), drawn(8, 3, c(0.9, 0.8, 0.2)), drawn(6, 4, c(1, 0.8, 0.5, 0.2)),
                     thyroid[c(1:4, 5:9, 17:19), ]), function(x) {
  k <- ncol(x)
  ways <- lapply(seq_len(nrow(x)), function(i) {
    u <- sum(x[i, ])
    if (u == 0) matrix(0, 1, k) else t(combn(k, u, function(s) as.numeric(seq_len(k) %in% s)))
  })
  grid <- expand.grid(lapply(ways, function(w) seq_len(nrow(w))))
  totals <- Reduce(`+`, lapply(seq_along(ways), function(i) ways[[i]][grid[[i]], , drop = FALSE]))
  list(positive = x, p_value = mean(rowSums(totals^2) >= sum(colSums(x)^2)))
})

fleiss <- function(counts, w) {  # kappa with patients weighted w; w may be complex
  m <- sum(counts[1, ]); w <- w / sum(w)
  p <- colSums(w * counts) / m
  a <- sum(w * rowSums(counts * (counts - 1))) / (m * (m - 1))
  e <- sum(p^2)
  (a - e) / (1 - e)
}
wiki <- rbind(c(0, 0, 0, 0, 14), c(0, 2, 6, 4, 2), c(0, 0, 3, 5, 6), c(0, 3, 9, 2, 0), c(2, 2, 8, 1, 1),
              c(7, 7, 0, 0, 0), c(3, 2, 6, 3, 0), c(2, 5, 3, 2, 2), c(6, 5, 2, 1, 0), c(0, 2, 2, 3, 7))
two <- function(x) cbind(rowSums(x), ncol(x) - rowSums(x))
kappas <- lapply(list(wiki, two(cochran), two(thyroid), two(matrices[[3]]), two(matrices[[4]])), function(counts) {
  n <- nrow(counts); h <- 1e-30
  influence <- sapply(seq_len(n), function(i) {
    w <- rep(1 / n + 0i, n); w[i] <- w[i] + h * 1i
    Im(fleiss(counts, w)) / h
  })
  k <- fleiss(counts, rep(1 / n, n))
  list(counts = counts, kappa = k,
       limits = k + c(-1, 1) * qt(0.975, n - 1) * sqrt(sum(influence^2) / (n * (n - 1))))
})

pairs <- lapply(matrices[3:5], function(x) {
  ij <- combn(ncol(x), 2)
  p <- apply(ij, 2, function(c) {
    b <- sum(x[, c[1]] > x[, c[2]]); d <- sum(x[, c[1]] < x[, c[2]])
    if (b + d == 0) 1 else binom.test(b, b + d)$p.value
  })
  list(positive = x, p_value = I(p), p_holm = I(p.adjust(p, "holm")))
})
record("several", packages = "coin", asymptotic = asymptotic, exact = exact, kappas = kappas, pairs = pairs)
