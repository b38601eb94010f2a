# Yields by sets of patients: base R's unions and setdiffs, Wilson by prop.test.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))

set.seed(2015)
draw <- function(n, se) { sick <- runif(n) < 0.4; sapply(se, function(s) as.integer(runif(n) < ifelse(sick, s, 0.05))) }
sets <- list(draw(60, c(0.8, 0.5, 0.6)), draw(200, c(0.3, 0.9, 0.5, 0.7)), draw(25, c(0.5, 0.5)))
wilson <- function(x, n) as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int)
steps <- lapply(sets, function(m) {
  n <- nrow(m); order <- rev(seq_len(ncol(m)))
  who <- lapply(seq_len(ncol(m)), function(j) which(m[, j] == 1))
  before <- integer(0)
  rows <- lapply(order, function(j) {
    gained <- setdiff(who[[j]], before)
    before <<- union(before, who[[j]])
    only <- setdiff(who[[j]], Reduce(union, who[-j]))
    list(assay = j - 1, n_positive = length(who[[j]]), n_gained = length(gained), n_only = length(only),
         alone = wilson(length(who[[j]]), n), gain = wilson(length(gained), n), cumulative = wilson(length(before), n))
  })
  # price 10 for the first column, 20 for the second ...; each assay only for the still negative
  tested <- n - c(0, head(cumsum(sapply(rows, function(r) r$n_gained)), -1))
  cost <- mapply(function(r, n_tested) {
    price <- 10 * (r$assay + 1)
    list(n_tested = n_tested, cost = price * n_tested, limits = rev(price / wilson(r$n_gained, n_tested)))
  }, rows, tested, SIMPLIFY = FALSE)
  list(positive = m, order = order - 1, steps = rows, costs = cost)
})
record("yields", steps = steps)
