# Titres in order: the sign test's odds by binom.test on the pairs whose order is known.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "record.R"))

odds <- lapply(list(c(9, 2), c(5, 5), c(1, 14)), function(k) {
  p <- binom.test(k[1], sum(k))$conf.int
  list(higher = k[1], lower = k[2], limits = as.numeric(p / (1 - p)))
})
record("titres", odds = odds)
