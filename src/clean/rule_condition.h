/* The part of a rule behind its name: what it asks of a text, or what it edits. */
#ifndef CLEAN_RULE_CONDITION_H
#define CLEAN_RULE_CONDITION_H

#include "clean/rule_lexer.h"
#include "clean/rules.h"

/* What a drop or require rule asks. What it holds is the rule's to free, even after a failure. */
int rule_condition_parse(struct rule_lexer *lexer, struct rules *rules, struct condition *condition);
/* The pattern, checks and replacement of a strip or replace rule. */
int rule_edit_parse(struct rule_lexer *lexer, struct rule *rule);

#endif
