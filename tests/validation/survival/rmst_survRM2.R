# The calls behind rmst_survRM2.json (R 4.2.2, survRM2 1.0-4): arm 1 is `second`, arm 0 `first`;
# `difference` and `ratio` are the first two lines of unadjusted.result.
library(survival)
library(survRM2)
rmst2(veteran$time, veteran$status, veteran$trt - 1, tau = 300)
rmst2(ovarian$futime, ovarian$fustat, ovarian$rx - 1, tau = 700)
rmst2(lung$time, as.integer(lung$status == 2), lung$sex - 1, tau = 700)
