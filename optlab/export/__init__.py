"""Tables and figures of a run, for both front ends.

`exporter.export` chooses by the file's suffix. Everything is drawn from
`optlab.store.run_data.RunData`; imports neither torch nor Qt.
"""
