# Episodes of low neutrophil counts from the CSV files of a cohort, written from the data dictionary
# and the definitions page alone: of several counts of a day the lowest speaks; an episode opens
# with the first count below both the entry limit and the threshold, and closes with the first at or
# above the threshold that is confirmed as chosen; the clock starts at the last stop of the suspects
# begun by the first low count, or elsewhere as chosen; death before recovery is a cause of its own.
read_cohort <- function(folder) {
  table <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), colClasses = "character", na.strings = "")
  day <- function(text) as.integer(as.Date(substr(text, 1, 10)))
  labs <- subset(table("labs"), analyte == "ANC" & !is.na(taken_at) & !is.na(value))
  labs$count <- as.numeric(labs$value) / ifelse(labs$unit == "/uL", 1000, 1)
  labs$below <- !is.na(labs$comparator) & labs$comparator == "<"
  labs$day <- day(labs$taken_at)
  # the lowest of a day; of equals the one that is less than it
  labs <- labs[order(labs$patient_id, labs$day, labs$count, !labs$below), ]
  labs <- labs[!duplicated(labs[c("patient_id", "day")]), ]
  drugs <- table("medications")
  drugs$start <- day(drugs$started_on); drugs$stop <- day(drugs$stopped_on)
  events <- table("events")
  for (name in setdiff(c("occurred_on", "grade"), names(events))) events[[name]] <- NA_character_
  events$day <- day(events$occurred_on); events$grade <- as.integer(events$grade)
  list(patients = table("patients"), labs = labs, drugs = drugs, events = events)
}

is_below <- function(counts, limit) counts$count < limit | (counts$count == limit & counts$below)

closes_at <- function(low, confirmed) {
  # the position of the first count that is up and, where asked, whose next one is up too
  up <- which(!low)
  if (confirmed) up <- up[up < length(low) & !low[pmin(up + 1, length(low))]]
  if (length(up)) up[1] else NA
}

first_episode <- function(cohort, patient, threshold, confirmed, time_zero, entry = 1.8) {
  counts <- cohort$labs[cohort$labs$patient_id == patient, ]
  opens <- which(is_below(counts, min(entry, threshold)))[1]
  if (is.na(opens)) return(NULL)
  counts <- counts[opens:nrow(counts), ]
  low <- is_below(counts, threshold)
  closed <- closes_at(low, confirmed)
  seen <- if (is.na(closed)) seq_along(low) else seq_len(closed)
  inside <- counts[seen, ]
  onset <- counts$day[1]
  recovered <- if (is.na(closed)) NA else counts$day[closed]
  last_low <- max(inside$day[low[seen]])
  nadir <- inside$day[order(inside$count, !inside$below, inside$day)][1]
  of <- function(table) table[table$patient_id == patient, ]
  suspects <- subset(of(cohort$drugs), role == "suspect" & start <= onset)
  withdrawn <- if (nrow(suspects)) max(suspects$stop) else NA
  events <- of(cohort$events)
  stays <- events$day[events$event == "hospitalisation"]
  ends <- if (is.na(recovered)) Inf else recovered
  with_it <- stays[stays >= onset & stays <= ends]; before <- stays[stays < onset]
  admitted <- if (length(with_it)) min(with_it) else if (length(before)) max(before) else NA
  zero <- switch(time_zero, withdrawal = withdrawn, nadir = nadir, first_low = onset, admission = admitted)
  death <- c(events$day[events$event == "death"], NA)[1]
  died <- is.na(recovered) && !is.na(death)
  last <- max(inside$day)
  end <- if (!is.na(recovered)) recovered else if (died) death else last
  if (is.na(zero) || end < zero) return(NULL)
  given <- subset(of(cohort$drugs), role == "treatment" & grepl("^L03AA", atc))
  unplaced <- any(is.na(given$start))
  given <- subset(given, start < ends & (is.na(stop) | stop >= onset))
  infected <- events$day[events$event == "infection" & !is.na(events$grade) & events$grade >= 3]
  infected <- infected[infected >= onset]
  about <- cohort$patients[cohort$patients$patient_id == patient, ]
  very_low <- inside$day[is_below(inside, 0.1)]
  # drug-induced: begun on the drug or within 7 days of its end, above 1.5 within a month of it
  above <- counts$day[counts$count > 1.5 & !counts$below]
  soon <- length(above) > 0 && above[1] >= withdrawn && above[1] - withdrawn <= 30.4375
  data.frame(patient = patient, onset = onset - zero, time = end - zero,
    left = max(0, last_low - zero), right = if (is.na(recovered)) Inf else recovered - zero,
    cause = if (!is.na(recovered)) 1 else if (died) 2 else 0,
    start = if (unplaced) NA else if (nrow(given)) min(given$start) - zero else Inf,
    very_low = if (length(very_low)) min(very_low) - zero else Inf,
    infected = if (length(infected)) min(infected) - zero else Inf,
    age = as.numeric(about$age_years) / 10, meets = onset - withdrawn <= 7 && soon)
}

episodes <- function(cohort, threshold = 1.5, confirmed = FALSE, time_zero = "withdrawal") {
  found <- do.call(rbind, lapply(cohort$patients$patient_id, function(patient)
    first_episode(cohort, patient, threshold, confirmed, time_zero)))
  # what is known at time zero; of an episode that began later, nothing
  known <- found$onset <= 0
  found$low_count <- ifelse(known, as.integer(found$very_low <= 0), NA)
  found$infection <- ifelse(known, as.integer(found$infected <= 0), NA)
  found
}
