# Standardised differences, from Austin 2009 (section 2) and Yang and Dalton 2012: no package of
# Debian's has them all. The multinomial distance is written with all categories and the
# generalised inverse, so that no category is left out by choice.
library(MASS)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

continuous <- lapply(
  list(
    list(x = sleep$extra[sleep$group == 1], y = sleep$extra[sleep$group == 2]),
    list(x = mtcars$mpg[mtcars$am == 1], y = mtcars$mpg[mtcars$am == 0]),
    list(x = mtcars$wt[mtcars$vs == 1], y = mtcars$wt[mtcars$vs == 0]),
    list(x = c(1, 2), y = c(5, 9, 40)),
    list(x = c(3, 3, 3), y = c(1, 2)),
    list(x = c(1, 2, 3), y = c(1, 2, 3)),
    list(x = 1e8 + c(1, 2, 4), y = 1e8 + c(2, 3, 7, 9))
  ),
  function(pair) {
    list(
      x = I(pair$x), y = I(pair$y),
      expected = (mean(pair$x) - mean(pair$y)) / sqrt((var(pair$x) + var(pair$y)) / 2)
    )
  }
)
binary <- list()
for (p in list(c(0.5, 3 / 17), c(0.1, 0.2), c(0, 0.3), c(1, 0.5), c(0.4, 0.4), c(0.001, 0.999))) {
  binary <- c(binary, list(list(
    p_1 = p[1], p_2 = p[2],
    expected = (p[1] - p[2]) / sqrt((p[1] * (1 - p[1]) + p[2] * (1 - p[2])) / 2)
  )))
}
multinomial <- function(p) diag(p) - outer(p, p)
categorical <- lapply(
  list(
    list(c(13, 13), c(3, 14)),
    list(c(10, 20, 30), c(30, 20, 10)),
    list(c(10, 20, 30), c(100, 200, 300)),
    list(c(5, 0, 5), c(2, 6, 2)),
    list(c(5, 0, 5, 0), c(2, 0, 2, 6)),
    list(c(1, 1, 1, 1, 1), c(1, 2, 3, 4, 5)),
    list(unname(table(mtcars$cyl[mtcars$am == 0])), unname(table(mtcars$cyl[mtcars$am == 1])))
  ),
  function(counts) {
    p <- as.numeric(counts[[1]]) / sum(counts[[1]])
    q <- as.numeric(counts[[2]]) / sum(counts[[2]])
    spread <- (multinomial(p) + multinomial(q)) / 2
    list(
      counts_1 = I(as.numeric(counts[[1]])), counts_2 = I(as.numeric(counts[[2]])),
      expected = sqrt(drop((p - q) %*% ginv(spread) %*% (p - q)))
    )
  }
)
record(
  "balance", packages = "MASS", smd_continuous = continuous, smd_binary = binary,
  smd_categorical = categorical
)
