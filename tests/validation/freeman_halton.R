# Tables that are wide or large for an exact test: base R's fisher.test. It runs without packages.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

tables <- list(
  # 3 x 6, n = 189, nine expected counts below 5
  matrix(c(49, 28, 10, 8, 3, 2, 27, 18, 4, 4, 5, 2, 14, 9, 6, 0, 0, 0), 3, byrow = TRUE),
  matrix(c(5, 0, 2, 1, 7, 3, 2, 6, 1, 4, 9, 1, 0, 3, 3), 3, byrow = TRUE)
)
# Too large for a network in good time: a million tables drawn, standard error 0.0002.
large <- matrix(c(30, 40, 50, 60, 20, 30, 20, 10, 11, 12, 13, 14, 5, 6, 7, 8), 4, byrow = TRUE)
set.seed(1)
drawn <- fisher.test(large, simulate.p.value = TRUE, B = 1e6)$p.value
record("freeman_halton", packages = character(), drawn = list(list(table = large, p_value = drawn)),
  fisher_exact = lapply(tables, function(table) {
  list(table = table, expected = list(p_value = fisher.test(table, workspace = 2e8)$p.value))
}))
