# The best order by trying all permutations, the smallest panel by trying all subsets.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))

permutations <- function(v) if (length(v) <= 1) list(v) else
  unlist(lapply(seq_along(v), function(i) lapply(permutations(v[-i]), function(p) c(v[i], p))), recursive = FALSE)
set.seed(1997)
draw <- function(n, se) { sick <- runif(n) < 0.5; sapply(se, function(s) as.integer(runif(n) < ifelse(sick, s, 0.03))) }
sets <- list(draw(80, c(0.6, 0.7, 0.4)), draw(150, c(0.3, 0.8, 0.6, 0.7)), draw(120, c(0.5, 0.2, 0.6, 0.7, 0.4)))
found <- function(m, panel) sum(rowSums(m[, panel, drop = FALSE]) > 0)
cases <- lapply(sets, function(m) {
  k <- ncol(m)
  orders <- permutations(seq_len(k))
  sums <- sapply(orders, function(o) sum(sapply(seq_len(k), function(i) found(m, o[1:i]))))
  wanted <- lapply(c(0.8, 0.9, 1), function(w) {
    for (size in seq_len(k)) {
      panels <- combn(k, size, simplify = FALSE)
      n <- sapply(panels, function(p) found(m, p))
      good <- n >= w * found(m, seq_len(k)) - 1e-9
      if (any(good)) return(list(wanted = w, size = size, n_found = max(n[good]), n_panels = sum(good)))
    }
  })
  list(positive = m, n_best_orders = sum(sums == max(sums)), best_sum = max(sums), panels = wanted)
})
record("panels", cases = cases)
