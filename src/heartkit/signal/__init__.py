"""Pure functions on arrays: filters, resampling, peaks, quality, heart-rate variability."""
