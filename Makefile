# Every command of this repository. `make` alone explains them.

PYTHON ?= python3
REGION ?= eu-north-1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# One after another, also under `make -j`: they share environments, and a terminal.
.NOTPARALLEL:

VENV := .venv/bin
SAM  := .venv-sam/bin
export PYTHONPATH := tests:shared
export SAM_CLI_TELEMETRY := 0

.PHONY: help
help: ## Explain these commands
	@echo "make COMMAND, where COMMAND is one of:"
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Settings: PYTHON=python3.12 (another interpreter), PORT=8080 (run, demo), DAYS=15 (later), LEAKED=1, STAGE=prod, ALARM_EMAIL=, PARAMETERS='Firewall=true' (deploy), STACK=collaboration (rotate, stop, restore, start), FROM= (restore: a table), ID=, ONCE=1 (logs), OF=, TO= (token, mail: addresses), ARGS='-k invite' (test, test-all), ARGS='--only pairs-before' (proof)."

##@ See it work

.PHONY: run
run: environment ## Start everything on this machine, walk the main job, keep serving (Ctrl-C ends it all)
	@exec $(VENV)/python -m stack run $(if $(PORT),--port $(PORT))

.PHONY: demo
demo: environment ## The same walk, then stop
	@exec $(VENV)/python -m stack demo $(if $(PORT),--port $(PORT))

.PHONY: later
later: environment ## Move the clock of the running stack by DAYS and run the clean-up
	@exec $(VENV)/python -m stack later --days $(or $(DAYS),$(error say how far: make later DAYS=15))

.PHONY: logs
logs: environment ## Follow the running stack's log, in colour; of one request: ID= (X-Request-Id of an answer), ONCE=1
	@exec $(VENV)/python -m stack logs $(if $(ID),--id '$(ID)') $(if $(ONCE),--once)

.PHONY: rotate
rotate: environment ## Rotate the keys of mailed links, of the running stack or of STACK on AWS (LEAKED=1: kill every link)
	@exec $(VENV)/python -m stack rotate $(if $(LEAKED),--leaked) $(if $(STACK),--stack $(STACK) --region $(REGION))

.PHONY: plan-erasures
plan-erasures: environment ## Once, after 0.1.0: plan to erase what had died before, of the running stack or of STACK on AWS
	@exec $(VENV)/python -m stack plan-erasures $(if $(STACK),--stack $(STACK) --region $(REGION))

.PHONY: stop restore start
stop: environment ## Let nothing run in the running stack, or in STACK on AWS: before a restore (RUNBOOK.md)
	@exec $(VENV)/python -m stack stop $(if $(STACK),--stack $(STACK) --region $(REGION))
restore: environment ## Make the table of a stopped stack as the restored table FROM is
	@exec $(VENV)/python -m stack restore --from $(or $(FROM),$(error say from which table: make restore FROM=...)) \
		$(if $(STACK),--stack $(STACK) --region $(REGION))
start: environment ## Let everything run again
	@exec $(VENV)/python -m stack start $(if $(STACK),--stack $(STACK) --region $(REGION))

.PHONY: api token mail
api: environment ## Print the address of the running stack's API
	@exec $(VENV)/python -m stack api
token: environment ## Print an ID token OF somebody who can sign in there
	@exec $(VENV)/python -m stack token --of $(or $(OF),$(error say whose: make token OF=anna.ek@ek-lind.example))
mail: environment ## Print the latest mail TO somebody, or the latest WITH a text in it
	@exec $(VENV)/python -m stack mail --to $(or $(TO),$(error say to whom: make mail TO=alva@almbergs-bageri.example)) \
		$(if $(WITH),--with '$(WITH)')

.PHONY: mails
mails: environment ## Write every mail into .local/mails, in both languages, with pictures where Chromium is installed
	@exec $(VENV)/python -m gallery .local/mails

##@ Check it

.PHONY: test
test: environment ## Every test that needs no browser, no Java and no npm
	@exec $(PYTEST) -m "not browser and not java and not npm" $(ARGS) --cov

.PHONY: test-all
test-all: environment ## Every test
	@exec $(PYTEST) $(ARGS) --cov

.PHONY: test-thorough
test-thorough: environment ## Every test, with a thousand examples where examples are made up: for the night
	@exec $(PYTEST) --hypothesis-profile=thorough $(ARGS) --cov

.PHONY: bench
bench: environment ## Print every figure: cold starts, warm requests, instructions, costs, partitions, growth
	@exec $(VENV)/python -m bench $(ARGS)

.PHONY: proof
proof: environment ## Try to break it: every interleaving, crash and stranger; prints what was tried and lost (tests/proof)
	@exec $(VENV)/python -m proof $(ARGS)

.PHONY: test-layer
test-layer: environment-layer ## The tests of what calls AWS, over the SDK that the layer has (the emulator pins an older one)
	@exec .venv-layer/bin/python -m pytest -n auto --dist loadscope -m "not java" --no-cov $(ARGS) tests/unit/test_layer.py \
		$(addprefix tests/integration/test_, storage.py table_limits.py patience.py mail.py mail_faults.py key_rotation.py events.py main_job.py)

# One worker per processor; tests that share something expensive (the deployed stack) share a worker too.
PYTEST = $(VENV)/python -m pytest -n auto --dist loadscope

.PHONY: lint
lint: environment environment-sam environment-checks ## Style, types, the direction of imports, changes of the API, the template (cdk-nag with Node.js)
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/python -m contract
	$(SAM)/cfn-lint template.yaml
	$(SAM)/sam validate --lint --template template.yaml --region $(REGION)
	.venv-checks/bin/python -m checks

.PHONY: format
format: environment ## Put the code in the shape that lint asks for
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

.PHONY: vendor
vendor: ## Fetch what the pages vendor anew from npm, and compare byte for byte
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && cd "$$folder" \
	&& npm pack --silent htm@$(HTM) >/dev/null && tar xzf htm-$(HTM).tgz \
	&& cmp package/preact/standalone.module.js $(CURDIR)/functions/console/vendor/preact.js \
	&& cmp package/LICENSE $(CURDIR)/functions/console/vendor/htm-LICENSE.txt \
	&& echo "functions/console/vendor is htm $(HTM), byte for byte" \
	&& rm -rf package && npm pack --silent uqr@$(UQR) >/dev/null && tar xzf uqr-$(UQR).tgz \
	&& cmp package/dist/index.mjs $(CURDIR)/functions/console/vendor/qr.js \
	&& cmp package/LICENSE $(CURDIR)/functions/console/vendor/uqr-LICENSE.txt \
	&& echo "functions/console/vendor/qr.js is uqr $(UQR), byte for byte" \
	&& rm -rf package && npm pack --silent swagger-ui-dist@$(SWAGGER_UI) >/dev/null && tar xzf swagger-ui-dist-$(SWAGGER_UI).tgz \
	&& for file in swagger-ui-bundle.js swagger-ui.css swagger-ui-bundle.js.LICENSE.txt; do \
		cmp package/$$file $(CURDIR)/functions/docs/vendor/$$file || exit 1; done \
	&& cmp package/LICENSE $(CURDIR)/functions/docs/vendor/swagger-ui-LICENSE.txt \
	&& cmp package/NOTICE $(CURDIR)/functions/docs/vendor/swagger-ui-NOTICE.txt \
	&& echo "functions/docs/vendor is swagger-ui-dist $(SWAGGER_UI), byte for byte"
HTM := 3.1.1
UQR := 0.1.3
SWAGGER_UI := 5.35.0

.PHONY: client
client: environment ## Generate typed clients of the API, in Python and TypeScript, into clients/
	@exec $(VENV)/python -m clients clients

.PHONY: shots
shots: environment ## Take the pictures of the pages anew: four for the README, all of them to look at in .local/shots
	@exec $(VENV)/python -m e2e.shots

##@ Ship it

STAGE ?= test
# In production a new version takes over bit by bit, and goes back when an alarm goes off; `sam deploy` asks first.
DEPLOYMENT ?= $(if $(filter prod,$(STAGE)),Canary10Percent5Minutes,AllAtOnce)

.PHONY: deploy
deploy: environment environment-sam ## Build and deploy STAGE (test, or prod) to the AWS account that your credentials name
	@$(if $(filter test prod,$(STAGE)),:,$(error STAGE is test or prod, not '$(STAGE)'))
	PYTHON=$(abspath $(VENV)/python) $(SAM)/sam build
	$(VENV)/python -m stack stamp --stage $(STAGE) --region $(REGION) $(CHOSEN)
	$(SAM)/sam deploy --config-env $(STAGE) --region $(REGION) --parameter-overrides $(CHOSEN)
CHOSEN = Stage=$(STAGE) Deployment=$(DEPLOYMENT) $(PARAMETERS) $(if $(ALARM_EMAIL),AlarmEmail=$(ALARM_EMAIL)) \
	MailSender=$(or $(MAIL_SENDER),$(error say who sends: make deploy MAIL_SENDER=you@your-domain.example))

##@ Keep it

.PHONY: lock
lock: environment ## Pin anew what pyproject.toml asks for (requirements files with hashes)
	$(LOCK) --group dev --output-file requirements-dev.txt pyproject.toml
	$(LOCK) --group layer-tests --output-file requirements-layer.txt pyproject.toml
	$(LOCK) --group layer --constraint requirements-layer.txt --output-file shared/requirements.txt pyproject.toml
	$(LOCK) --group sam --output-file requirements-sam.txt
	$(LOCK) --group checks --output-file requirements-checks.txt

# --universal: one file for every platform and Python from 3.11 on. It names no index: pip asks the one it is set up for.
LOCK = $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links

.PHONY: clean
clean: ## Remove environments, builds, caches and what the laptop stack left
	rm -rf .venv .venv-sam .venv-checks .venv-layer .local .aws-sam clients .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made when missing or when its list has changed; otherwise this is a glance at a stamp.
.PHONY: environment environment-sam environment-checks environment-layer
environment: python
	@$(PYTHON) tests/stack/environment.py .venv requirements-dev.txt
environment-sam: python
	@$(PYTHON) tests/stack/environment.py .venv-sam requirements-sam.txt
environment-checks: python
	@$(PYTHON) tests/stack/environment.py .venv-checks requirements-checks.txt
environment-layer: python
	@$(PYTHON) tests/stack/environment.py .venv-layer requirements-layer.txt

.PHONY: python
python:
	@command -v $(PYTHON) >/dev/null || { \
		echo "There is no '$(PYTHON)' here. Install Python 3.11 or later, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "'$(PYTHON)' is $$($(PYTHON) --version 2>&1), and this needs 3.11 or later: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
