# Normality and equal variances. Base R: shapiro.test, bartlett.test; nortest: ad.test; car:
# leveneTest about the medians, which is Brown and Forsythe's.
suppressPackageStartupMessages({
  library(nortest)
  library(car)
})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

ozone <- lapply(split(airquality$Ozone, airquality$Month), function(x) as.numeric(x[!is.na(x)]))
set.seed(20150601)
samples <- list(
  as.numeric(women$height), as.numeric(women$weight), sleep$extra, mtcars$mpg, mtcars$hp,
  as.numeric(rivers), as.numeric(faithful$eruptions), as.numeric(precip), ozone[["5"]],
  ozone[["8"]], unlist(unname(ozone)), c(1, 2, 4), c(1, 1, 2), c(0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
  1:8, c(1:9, 1000), qnorm(ppoints(20)), qnorm(ppoints(200)), round(rlnorm(500), 4),
  round(rnorm(2000), 4), c(1e6, 1e6 + 1, 1e6 + 2, 1e6 + 5, 1e6 + 9, 1e6 + 9, 1e6 + 12, 1e6 + 13)
)
result <- function(test) list(statistic = unname(test$statistic), p_value = test$p.value)

shapiro <- lapply(samples, function(x) list(values = I(x), expected = result(shapiro.test(x))))
anderson <- lapply(Filter(function(x) length(x) >= 8, samples), function(x) {
  list(values = I(x), expected = result(ad.test(x)))
})

groupings <- list(
  split(InsectSprays$count, InsectSprays$spray),  # ?bartlett.test
  ozone,
  split(mtcars$mpg, mtcars$cyl),
  split(sleep$extra, sleep$group),
  split(PlantGrowth$weight, PlantGrowth$group),
  split(ToothGrowth$len, list(ToothGrowth$supp, ToothGrowth$dose)),
  list(c(1, 2), c(4, 9, 11)),
  list(c(1, 2, 3), c(10, 30, 80, 81), c(5, 6)),
  list(c(0, 0, 0, 1), c(0, 1, 1, 1, 0))
)
variances <- lapply(groupings, function(groups) {
  values <- unlist(groups)
  group <- factor(rep(seq_along(groups), lengths(groups)))
  bartlett <- bartlett.test(groups)
  levene <- leveneTest(values, group, center = median)
  list(
    groups = lapply(unname(groups), I),
    bartlett = c(result(bartlett), list(df = unname(bartlett$parameter))),
    brown_forsythe = list(
      statistic = levene[1, "F value"], p_value = levene[1, "Pr(>F)"], df = levene[1, "Df"]
    )
  )
})
record(
  "normality", packages = c("nortest", "car"), shapiro_wilk = shapiro, anderson_darling = anderson,
  variances = variances
)
