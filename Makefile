# Short names for what takes a stack. All else is npm's: `npm start`, `npm test`, `npm run …`.
STACKS := dev staging prod local
STACK ?= local

.PHONY: help image $(STACKS:%=trigger-build-%)

help:
	@echo 'make image STACK=local [IMAGE=registry/repository:tag] [BASE=image]'
	@echo '    builds the image of the builder for a stack with docker, podman or buildah, and pushes it'
	@echo 'make trigger-build-{dev,staging,prod,local} PARSER_ID=… [SOURCE=folder] [WAIT=1] [NAMESPACE=…]'
	@echo '    builds a function anew, or for the first time; WAIT=1 follows it until it serves'
	@echo '    [RUNTIME=python|nodejs|go] [RUNTIME_VERSION=…] [HANDLER=…] of a new function; BUILDER_URL and BUILDER_TOKEN in place of its port-forward and token'

# What is asked for reaches the shell as variables of its environment, which make exports: nothing of it is pasted into a command.
image: | node_modules
	@npm run --silent image -- --stack "$$STACK" $${IMAGE:+--image "$$IMAGE"} $${BASE:+--base "$$BASE"}

$(STACKS:%=trigger-build-%): trigger-build-%: | node_modules
	@npm run --silent trigger -- --stack $* --parser-id "$$PARSER_ID" $${NAMESPACE:+--namespace "$$NAMESPACE"} \
	  $${SOURCE:+--source "$$SOURCE"} $${RUNTIME:+--runtime "$$RUNTIME"} $${RUNTIME_VERSION:+--runtime-version "$$RUNTIME_VERSION"} \
	  $${HANDLER:+--handler "$$HANDLER"} $(if $(filter-out 0 no false,$(WAIT)),--wait)

# A fresh clone has none.
node_modules:
	npm ci

export STACK IMAGE BASE PARSER_ID NAMESPACE SOURCE RUNTIME RUNTIME_VERSION HANDLER
