# ROC curves: pROC's areas, DeLong intervals and tests on its aSAH data (113 patients, Turck 2010,
# shipped with pROC), cut-offs by quantile type 1, the bootstrap's exact distribution by pbinom.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))
suppressMessages(library(pROC))
data(aSAH)

d <- aSAH$outcome == "Poor"
x <- list(s100b = aSAH$s100b, ndka = aSAH$ndka, wfns = as.numeric(aSAH$wfns))
curve <- function(v, truth = d) roc(truth, v, quiet = TRUE, direction = "<", levels = c(FALSE, TRUE))
data <- list(list(diseased = d, s100b = x$s100b, ndka = x$ndka, wfns = x$wfns))
areas <- unlist(lapply(names(x), function(name) lapply(c(0.9, 0.95), function(level)
  list(marker = name, conf_level = level, area = as.numeric(ci.auc(curve(x[[name]]), conf.level = level))[c(2, 1, 3)]))),
  recursive = FALSE)
corners <- lapply(names(x), function(name) {
  r <- curve(x[[name]])
  list(marker = name, sensitivity = rev(r$sensitivities), specificity = rev(r$specificities))
})
tests <- apply(combn(names(x), 2), 2, function(pair) {
  t <- roc.test(curve(x[[pair[1]]]), curve(x[[pair[2]]]), method = "delong", paired = TRUE)
  list(first = pair[1], second = pair[2], statistic = unname(t$statistic), p_value = unname(t$p.value),
       limits = as.numeric(t$conf.int))
}, simplify = FALSE)

newcombe <- function(area, m, n) {  # Newcombe 2006, method 5
  z <- qnorm(0.975); nstar <- (m + n) / 2
  f <- function(t) (area - t)^2 - z^2 * t * (1 - t) * (1 + (nstar - 1) * ((1 - t) / (2 - t) + t / (1 + t))) / (m * n)
  uniroot(f, c(1e-9, 1 - 1e-9), tol = 1e-15)$root
}
apart <- lapply(list(c(3, 4), c(12, 7), c(30, 30)), function(g) list(m = g[1], n = g[2], low = newcombe(1, g[1], g[2])))

cut <- function(v, wanted, level) {
  cases <- sort(v[d]); controls <- sort(v[!d]); m <- length(cases); n <- length(controls)
  at <- quantile(controls, wanted, type = 1, names = FALSE)
  r <- ceiling(n * wanted - 1e-9)
  up_to <- pbinom(r - 1, n, seq_len(n) / n, lower.tail = FALSE)  # at least r draws among the first j
  chance <- diff(c(0, up_to))
  tails <- c((1 - level) / 2, (1 + level) / 2)
  above <- sapply(controls, function(c) mean(cases > c))
  mixture <- cumsum(colSums(chance * t(sapply(above, function(a) dbinom(0:m, m, a)))))
  first <- function(F, t) which(F >= t - 1e-12)[1]
  list(cut_off = c(at, controls[first(up_to, tails[1])], controls[first(up_to, tails[2])]),
       specificity = mean(controls <= at),
       sensitivity = c(mean(cases > at), (first(mixture, tails[1]) - 1) / m, (first(mixture, tails[2]) - 1) / m))
}
cuts <- unlist(lapply(names(x), function(name) unlist(lapply(c(0.8, 0.9, 0.95), function(wanted)
  lapply(c(0.9, 0.95), function(level) c(list(marker = name, wanted = wanted, conf_level = level), cut(x[[name]], wanted, level)))),
  recursive = FALSE)), recursive = FALSE)
record("roc", packages = "pROC", data = data, areas = areas, corners = corners, tests = tests, apart = apart, cuts = cuts)
