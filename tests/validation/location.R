# Where samples lie. Base R: quantile, t.test, wilcox.test, kruskal.test. Where wilcox.test solves
# its limits by uniroot to 1e-4, they are computed again here as the steps they are.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

ozone <- split(airquality$Ozone, airquality$Month)
ozone <- lapply(ozone, function(x) as.numeric(x[!is.na(x)]))
chorioamnion <- list(  # ?wilcox.test: Hollander and Wolfe 1973, 69f
  x = c(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46),
  y = c(1.15, 0.88, 0.90, 0.74, 1.21)
)
set.seed(20150601)
pairs <- list(
  list(x = sleep$extra[sleep$group == 1], y = sleep$extra[sleep$group == 2]),
  chorioamnion,
  list(x = 1:10, y = 7:20),                       # ?t.test
  list(x = 1:10, y = c(7:20, 200)),               # ?t.test
  list(x = ozone[["5"]], y = ozone[["8"]]),       # ?wilcox.test
  list(x = mtcars$mpg[mtcars$am == 1], y = mtcars$mpg[mtcars$am == 0]),
  list(x = ToothGrowth$len[ToothGrowth$supp == "OJ"], y = ToothGrowth$len[ToothGrowth$supp == "VC"]),
  list(x = c(1.5, 2.5), y = c(0.25, 4)),
  list(x = c(1, 2), y = c(3, 4, 5, 6, 7, 8.5)),
  list(x = c(3, 3), y = c(1, 2)),
  list(x = c(0, 0, 0, 1), y = c(0, 1, 1, 1, 1)),
  list(x = c(5, 5, 5, 5), y = c(4, 5, 5, 6)),
  list(x = c(-1e6, 2e6, 3e6), y = c(1e-6, 2e-6, 4e-6, 5e-6)),
  list(x = round(rlnorm(49, 0, 1), 6), y = round(rlnorm(49, 0.4, 1), 6)),   # exact to its limit
  list(x = round(rlnorm(50, 0, 1), 6), y = round(rlnorm(12, 0.4, 1), 6)),   # one beyond it
  list(x = round(rnorm(40, 1.2, 0.5), 1), y = round(rnorm(90, 1.5, 0.6), 1))
)
levels <- c(0.8, 0.95, 0.99)

summaries <- lapply(
  c(lapply(pairs, `[[`, "x"), unname(ozone), list(7, c(2, 9), c(1, 1, 1))),
  function(x) {
    q <- unname(quantile(x, c(0.25, 0.5, 0.75), type = 7))
    list(values = I(x), expected = list(
      n = length(x), mean = mean(x), sd = if (length(x) > 1) sd(x) else NA, median = q[2],
      q1 = q[1], q3 = q[3], minimum = min(x), maximum = max(x)
    ))
  }
)

welch <- list()
ranks <- list()
of_r <- list()
for (level in levels) {
  for (pair in pairs) {
    x <- pair$x
    y <- pair$y
    head <- list(x = I(x), y = I(y), conf_level = level)
    if (var(x) + var(y) > 0) {
      test <- t.test(x, y, conf.level = level)
      welch <- c(welch, list(c(head, list(expected = list(
        estimate = mean(x) - mean(y), ci_low = test$conf.int[1], ci_high = test$conf.int[2],
        statistic = unname(test$statistic), df = unname(test$parameter), p_value = test$p.value
      )))))
    }
    # Ties and large samples make wilcox.test warn that it can't be exact: as it should.
    test <- suppressWarnings(wilcox.test(x, y, conf.int = TRUE, conf.level = level))
    is_exact <- max(length(x), length(y)) < 50 && !anyDuplicated(c(x, y))
    differences <- sort(outer(x, y, "-"))
    if (is_exact) {
      limits <- test$conf.int[1:2]
    } else {
      # Bauer 1972, normal approximation: the standardised statistic of x - shift and y falls as
      # the shift grows, in steps at the differences; a limit is the step that crosses +-z.
      n <- length(x)
      m <- length(y)
      z_between <- function(shift) {
        ties <- table(rank(c(x - shift, y)))
        sigma <- sqrt(n * m / 12 * (n + m + 1 - sum(ties^3 - ties) / ((n + m) * (n + m - 1))))
        gap <- sum(differences > shift) - n * m / 2
        (gap - sign(gap) * 0.5) / sigma
      }
      steps <- unique(differences)
      z <- vapply(head(steps, -1) + diff(steps) / 2, z_between, 0)
      limit <- qnorm((1 + level) / 2)
      crossed <- function(at) steps[c(which(z <= at), length(steps))[1]]
      limits <- c(crossed(limit), crossed(-limit))
    }
    ranks <- c(ranks, list(c(head, list(expected = list(
      estimate = median(differences), ci_low = limits[1], ci_high = limits[2],
      statistic = unname(test$statistic), p_value = test$p.value
    )))))
    of_r <- c(of_r, list(c(head, list(expected = list(
      estimate = unname(test$estimate), ci_low = test$conf.int[1], ci_high = test$conf.int[2]
    )))))
  }
}

kruskal <- lapply(
  list(
    # ?kruskal.test: Hollander and Wolfe 1973, 116, mucociliary efficiency.
    list(c(2.9, 3.0, 2.5, 2.6, 3.2), c(3.8, 2.7, 4.0, 2.4), c(2.8, 3.4, 3.7, 2.2, 2.0)),
    unname(ozone),
    unname(split(InsectSprays$count, InsectSprays$spray)),
    unname(split(mtcars$mpg, mtcars$cyl)),
    unname(split(PlantGrowth$weight, PlantGrowth$group)),
    list(1, 2, 3),
    list(c(1, 1, 1), c(1, 1, 2)),
    list(c(1, 2), c(3, 4, 5, 6, 7, 8))
  ),
  function(groups) {
    test <- kruskal.test(groups)
    list(groups = lapply(groups, I), expected = list(
      statistic = unname(test$statistic), df = unname(test$parameter), p_value = test$p.value
    ))
  }
)

record(
  "location", summarise = summaries, welch_t = welch, mann_whitney = ranks,
  mann_whitney_of_r = of_r, kruskal_wallis = kruskal
)
