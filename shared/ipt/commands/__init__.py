"""The commands of `ipt`, a module each; `ipt.cli` finds the one that is meant.

A command module has `configure`, which describes the command line, and `run`.

parallelize  by answering questions, or `--auto`; `parallelize_options` has its options
analyze      what of every loop is proved, and what is in the way
verify       the parallel program against the serial one
completion   a script that lets the shell complete the command line

terminal     streams and environment of one run
exit_codes   the exit codes, in one place
options      what several commands have in common
delivery     which files are written, and where
records      loops and their verdicts as JSON
report_file  what `--report` writes
"""
