# P values corrected for how many were looked at: base R's p.adjust.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "record.R"))

set.seed(123)  # ?p.adjust: half of fifty are null
x <- rnorm(50, mean = c(rep(0, 25), rep(3, 25)))
families <- list(
  2 * pnorm(sort(-abs(x))),
  rev(2 * pnorm(sort(-abs(x)))),
  # Benjamini and Hochberg 1995, section 4.1: fifteen P values of a trial of thrombolysis.
  c(
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
    0.5719, 0.6528, 0.7590, 1.0000
  ),
  c(0.01, 0.04, 0.03), c(0.5, 0.5, 0.5), c(0.04, 0.04, 0.01, 0.01), 0.03, c(1, 0), c(0, 0, 1e-300),
  c(0.9, 0.8, 0.02, 0.7)
)
families <- lapply(families, function(p) {
  list(p_values = I(p), holm = I(p.adjust(p, "holm")), benjamini_hochberg = I(p.adjust(p, "BH")))
})
record("multiplicity", families = families)
