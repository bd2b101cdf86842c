/* Owns the table of pieces and their counts. Knows nothing of what a piece is. */
#include "bpe/piece_count.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

static void grow_slots(struct piece_counts *counts) {
    counts->slot_count = counts->slot_count ? counts->slot_count * 2 : 4096;
    free(counts->slots);
    counts->slots = memory_zeroed(counts->slot_count, sizeof(*counts->slots));
    for (size_t i = 0; i < counts->count; i++) {
        size_t slot = counts->pieces[i].hash & (counts->slot_count - 1);
        while (counts->slots[slot])
            slot = (slot + 1) & (counts->slot_count - 1);
        counts->slots[slot] = (uint32_t)(i + 1);
    }
}

static void append_piece(struct piece_counts *counts, struct span piece, uint32_t hash, uint64_t times) {
    if (counts->count == counts->capacity) {
        counts->capacity = counts->capacity ? counts->capacity * 2 : 2048;
        counts->pieces = memory_resize(counts->pieces, counts->capacity, sizeof(*counts->pieces));
    }
    counts->pieces[counts->count++] = (struct piece){times, counts->text.size, (uint32_t)piece.size, hash};
    bytes_append_span(&counts->text, piece);
}

void piece_counts_add(struct piece_counts *counts, struct span piece, uint64_t times) {
    if (counts->count * 2 >= counts->slot_count)
        grow_slots(counts);
    uint32_t hash = (uint32_t)hash64(piece, 0);
    size_t slot = hash & (counts->slot_count - 1);
    for (; counts->slots[slot]; slot = (slot + 1) & (counts->slot_count - 1)) {
        struct piece *known = &counts->pieces[counts->slots[slot] - 1];
        if (known->hash == hash && known->size == piece.size &&
            memcmp(counts->text.data + known->start, piece.data, piece.size) == 0) {
            known->count += times;
            return;
        }
    }
    append_piece(counts, piece, hash, times);
    counts->slots[slot] = (uint32_t)counts->count;
}

void piece_counts_merge(struct piece_counts *into, const struct piece_counts *from) {
    for (size_t i = 0; i < from->count; i++) {
        const struct piece *piece = &from->pieces[i];
        piece_counts_add(into, (struct span){from->text.data + piece->start, piece->size}, piece->count);
    }
}

void piece_counts_release(struct piece_counts *counts) {
    bytes_release(&counts->text);
    free(counts->pieces);
    free(counts->slots);
    *counts = (struct piece_counts){0};
}
