"""Make of a plan its published sheets: records, documents, the engine, comparison, the run."""
