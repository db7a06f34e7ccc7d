"""Parts of the benchmark scripts, which put the project on the path before importing parts that need `core`."""
