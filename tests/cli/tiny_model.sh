# For cases that need a model: a tiny corpus of dialogues that a tiny model knows by heart after a second of training.

# Questions with one answer each, in five languages; every fourteenth dialogue is of the split val.
tiny_dialogues() { # COUNT
    jq -nc --argjson count "$1" '
        [["en", "What colour is the sky?", "The sky is blue."],
         ["sv", "Vad heter du?", "Jag heter Gunnar och bor i Åre."],
         ["nl", "Waar woon je?", "Ik woon in een geel huis."],
         ["zh", "你好", "你好，有什么可以帮你？"],
         ["fr", "Quelle heure est-il ?", "Il est midi, à peu près. 🕛"]] as $talk
        | range($count) as $i | $talk[$i % 5]
        | {id: ($i | tostring), messages: [{role: "user", content: .[1]}, {role: "assistant", content: .[2]}],
           lang: .[0], split: (if $i % 14 == 3 then "val" else "train" end)}'
}

# tokenizer.json and shards/ from dialogues.jsonl, which is made unless it is there.
tiny_shards() {
    [ -f dialogues.jsonl ] || tiny_dialogues 140 > dialogues.jsonl
    gpt-bpe train -q -V 300 -o tokenizer.json dialogues.jsonl
    gpt-encode -q -t tokenizer.json -o shards dialogues.jsonl
}

# One layer of 32, on one thread unless told otherwise.
TINY='-j 1 --data shards --depth 1 --dim 32 --length 48 --batch 8 -l 0.01'
tiny_train() { # OPTIONS...
    # shellcheck disable=SC2086
    gpt-train $TINY "$@"
}

# The log without what differs from run to run.
log_of() { # RUN
    jq -c 'del(.seconds)' "$1/log.jsonl"
}
