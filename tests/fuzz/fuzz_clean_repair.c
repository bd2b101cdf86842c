/* Fuzzes clean/repair.h: any text, any steps. The result is valid UTF-8, and repairing it again changes nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "clean/repair.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct repair_tables *tables; /* too dear to make for every input */
    struct error error;
    struct span result;
    struct bytes text = {0}, once = {0};
    const struct repair_options options = {.form = NORMAL_FORM_C, .steps = REPAIR_ALL};
    if (!tables && repair_tables_new(&tables, &options, &error))
        abort();
    if (size == 0)
        return 0;
    struct repair repair = {.tables = tables, .steps = data[0] < 128 ? REPAIR_ALL : data[0] & REPAIR_ALL};
    utf8_repair((struct span){(const char *)data + 1, size - 1}, &text);
    if (repair_apply(&repair, span_of_bytes(&text), &result, &error) || utf8_valid_prefix(result) != result.size)
        abort();
    bytes_append_span(&once, result);
    if (repair_apply(&repair, span_of_bytes(&once), &result, &error) || repair.changed)
        abort();
    repair_release(&repair);
    bytes_release(&text);
    bytes_release(&once);
    return 0;
}
