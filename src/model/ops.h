/*
 * The ops of the transformer over whole batches: kernels spread over threads in chunks whose sizes do not depend on the
 * threads. Rows are the tokens of a batch, rows x length of them. Matrix products are in model/matmul.h; the plain form
 * of each op is in model/reference.h.
 */
#ifndef MODEL_OPS_H
#define MODEL_OPS_H

#include <stddef.h>
#include <stdint.h>

#include "model/kernels.h"
#include "model/threads.h"

struct ops {
    const struct kernels *kernels;
    struct threads *threads;
};

/* x[i] = table[tokens[i]] */
void ops_embed(const struct ops *ops, float *x, const float *table, const int32_t *tokens, size_t rows, size_t width);
/* dtable[tokens[i]] += dx[i], in the order of the rows */
void ops_embed_backward(const struct ops *ops, float *dtable, const float *dx, const int32_t *tokens, size_t rows,
                        size_t width);

void ops_rmsnorm_forward(const struct ops *ops, float *y, float *rstd, const float *x, const float *weight, size_t rows,
                         size_t width, double epsilon);
/* Floats of scratch that the backward pass needs for its partial sums. */
size_t ops_rmsnorm_scratch(size_t rows, size_t width);
/* dx += and dweight += */
void ops_rmsnorm_backward(const struct ops *ops, float *dx, float *dweight, const float *dy, const float *x,
                          const float *weight, const float *rstd, size_t rows, size_t width, float *scratch);

/* Angles of all positions below `positions`: cosine and sine are [positions, head_size / 2]. */
void ops_rope_table(float *cosine, float *sine, size_t positions, size_t head_size, double theta);

/* How the heads of a batch lie in memory. */
struct ops_heads {
    size_t rows, length; /* of the batch */
    size_t heads, kv_heads, head_size;
    const int32_t *starts;      /* as in struct batch, or NULL */
    const float *cosine, *sine; /* of ops_rope_table for at least `length` positions */
};

/* Rotates the queries and keys of qkv [rows x length, (heads + 2 kv_heads) x head_size] in place; sine_sign -1 turns
 * them back. */
void ops_rope(const struct ops *ops, const struct ops_heads *heads, float *qkv, float sine_sign);

/*
 * Normalises each head of the queries and keys of qkv in place, weights being [2, head_size], of queries and of keys.
 * raw [rows x length, (heads + kv_heads) x head_size] and rstd [rows x length, heads + kv_heads] keep what the backward
 * pass needs; rstd may be NULL. (Henry et al. 2020)
 */
void ops_qk_norm_forward(const struct ops *ops, const struct ops_heads *heads, float *qkv, float *raw, float *rstd,
                         const float *weights, double epsilon);
/* Floats of scratch that the backward pass needs for its partial sums. */
size_t ops_qk_norm_scratch(const struct ops_heads *heads);
/* Replaces the gradient in qkv of what was normalised by that of raw; dweights [2, head_size] +=. */
void ops_qk_norm_backward(const struct ops *ops, const struct ops_heads *heads, float *qkv, const float *raw,
                          const float *rstd, const float *weights, float *dweights, float *scratch);

/* Floats of scratch of one thread. */
size_t ops_attention_scratch(const struct ops_heads *heads);
/* output [rows x length, heads x head_size], logsum [rows, heads, length]; scratch: ops_attention_scratch for each
 * thread. */
void ops_attention_forward(const struct ops *ops, const struct ops_heads *heads, float *output, float *logsum,
                           float *qkv, float *scratch);
/* Replaces qkv by its gradient. */
void ops_attention_backward(const struct ops *ops, const struct ops_heads *heads, float *qkv, float *output,
                            float *logsum, const float *output_gradient, float *scratch);

void ops_swiglu_forward(const struct ops *ops, float *activation, float *gate_up, size_t rows, size_t width);
/* Replaces gate_up by its gradient, and the gradient of the activation by the activation. */
void ops_swiglu_backward(const struct ops *ops, float *gate_up, float *activation, size_t rows, size_t width);

void ops_copy(const struct ops *ops, float *to, const float *from, size_t count);

#endif
