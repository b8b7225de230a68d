"""The whole system on one machine: `python -m stack run|demo|later`, and what the end-to-end tests share with it.

environment     make .venv (standard library only: runs before anything is installed)
emulator        start, watch and stop the AWS emulator; `tethered` is the process itself
packaging       zip functions and layer, as `sam package` does
deployment      put them and template.yaml through CloudFormation
people          make users in the pool and sign them in
client          call the API and read mails, as anybody outside would
demonstration   the office, its employees and customers that the walk tells of
walk            the main job, told step by step
later           move the running stack's clock
stack_file      .local/stack.json: what runs, for outside clients
narration       how all this speaks in a terminal
"""
