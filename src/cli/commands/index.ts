import type { Command } from 'commander';
import type { Register } from '../session.js';
import { defineCompletion } from './completion.js';
import { defineDiff } from './diff.js';
import { defineExplain } from './explain.js';
import { defineGet } from './get.js';
import { definePlan } from './plan.js';
import { defineReconcile } from './reconcile.js';
import { defineSchema } from './schema.js';
import { defineValidate } from './validate.js';

/** All commands in the order in which help shows them. */
export const commands: readonly ((program: Command, register: Register) => void)[] = [
  defineValidate,
  definePlan,
  defineDiff,
  defineReconcile,
  defineGet,
  defineExplain,
  defineSchema,
  defineCompletion,
];
