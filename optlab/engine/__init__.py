"""The engine: turns an experiment into a stream of records, and knows no reader."""
