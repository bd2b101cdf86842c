/* Templates become text: choices are drawn, slots filled. */
#ifndef GENERATOR_PHRASE_H
#define GENERATOR_PHRASE_H

#include "base/random.h"
#include "material.h"

/* What the slots of one exchange stand for: the same wherever they occur in it. */
struct values {
    size_t product, city, name, month; /* drawn below the length of the list */
    unsigned day, tens, order;
    unsigned person; /* makes the e-mail address */
};

void values_draw(struct values *values, const struct material *material, struct random *random);
/* Appends the text of a template that material_load has checked. */
void phrase_expand(const struct material *material, struct random *random, const struct values *values,
                   struct span text, struct bytes *out);
/* Appends one entry, drawn from all with that marker. */
void phrase_draw(const struct material *material, struct random *random, const struct values *values,
                 const struct section *section, char marker, struct bytes *out);

#endif
