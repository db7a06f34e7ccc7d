"""The grid of histograms: what its panels hold, its legend, and the grid as a chart and as a picture file."""
