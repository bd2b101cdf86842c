# From dumps to a chat model, one step a target. Run it, or include it in a Makefile that sets the variables first:
#
#     make -f gpt.mk CORPUS='dumps/*.warc.gz forum.xml' VOCAB=16384 OUT=shop-model model
#
# Each step is made again only where what it is made from is newer; an interrupted training goes on where it stopped.

CORPUS      ?=
OUT         ?= gpt-model
VOCAB       ?= 8192
VAL         ?= 0.02
SEED        ?= 0
GPT_BIN     ?=

# More options for each step, as its manual lists them.
CRAWL       ?=
CLEAN       ?= --rules gopher --rules pii
DEDUP       ?= --cluster
PAIR        ?= --keep-documents
PRETRAIN    ?= --depth 6 --dim 384 --epochs 2
FINETUNE    ?= --epochs 3 --learning-rate 5e-4

records     := $(OUT)/records.jsonl.zst
tokenizer   := $(OUT)/tokenizer.json
shards      := $(OUT)/shards/manifest.json
pretrained  := $(OUT)/pretrain/.done
finetuned   := $(OUT)/chat/.done

.PHONY: records tokenizer shards pretrain model eval chat clean-model
records: $(records)
tokenizer: $(tokenizer)
shards: $(shards)
pretrain: $(pretrained)
model: $(finetuned)

# A stage that fails must fail the pipe.
$(OUT)/%: SHELL := /bin/bash
$(OUT)/%: .SHELLFLAGS := -o pipefail -ec

$(records): $(CORPUS)
	@test -n "$(strip $(CORPUS))" || { echo "gpt.mk: name the dumps: CORPUS='FILE...'" >&2; exit 2; }
	@mkdir -p $(OUT)
	$(GPT_BIN)gpt-crawl $(CRAWL) $(CORPUS) | $(GPT_BIN)gpt-clean $(CLEAN) --rejects $(OUT)/rejects.jsonl.zst \
	    | $(GPT_BIN)gpt-dedup $(DEDUP) | $(GPT_BIN)gpt-pair $(PAIR) \
	    | $(GPT_BIN)gpt-split --val $(VAL) --seed $(SEED) -o $@

$(tokenizer): $(records)
	$(GPT_BIN)gpt-bpe train -V $(VOCAB) -o $@ $<

$(shards): $(records) $(tokenizer)
	$(GPT_BIN)gpt-encode -t $(tokenizer) -o $(OUT)/shards --force $<

# A run directory without .done was interrupted: it is resumed, or made anew where it has no checkpoint yet.
define train
	@if [ -e $(@D)/last ] && [ ! -e $@ ]; then $(GPT_BIN)gpt-train --resume --data $(OUT)/shards --out $(@D); \
	else rm -rf $(@D); $(GPT_BIN)gpt-train --data $(OUT)/shards --out $(@D) --seed $(SEED) $(1); fi
	@touch $@
endef

$(pretrained): $(shards)
	$(call train,--tokenizer $(tokenizer) --objective pretrain $(PRETRAIN))

$(finetuned): $(pretrained)
	$(call train,--init $(OUT)/pretrain --objective sft $(FINETUNE))

eval: $(finetuned)
	$(GPT_BIN)gpt-eval $(OUT)/chat --data $(OUT)/shards --objective sft

chat: $(finetuned)
	$(GPT_BIN)gpt-chat $(OUT)/chat

clean-model:
	rm -rf $(OUT)
