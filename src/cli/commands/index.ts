import type { Command } from 'commander';
import type { Register } from '../session.js';
import { defineApply } from './apply.js';
import { defineCompletion } from './completion.js';
import { defineDemo } from './demo.js';
import { defineDiff } from './diff.js';
import { defineEvents } from './events.js';
import { defineExplain } from './explain.js';
import { defineGet } from './get.js';
import { defineImport } from './import.js';
import { defineLibvirt } from './libvirt.js';
import { definePlan } from './plan.js';
import { defineReconcile } from './reconcile.js';
import { defineSchema } from './schema.js';
import { defineStatus } from './status.js';
import { defineResume, defineSuspend } from './suspend.js';
import { defineUnlock } from './unlock.js';
import { defineValidate } from './validate.js';

/** All commands in the order in which help shows them. */
export const commands: readonly ((program: Command, register: Register) => void)[] = [
  defineValidate,
  definePlan,
  defineDiff,
  defineApply,
  defineReconcile,
  defineStatus,
  defineGet,
  defineExplain,
  defineEvents,
  defineSuspend,
  defineResume,
  defineUnlock,
  defineImport,
  defineSchema,
  defineLibvirt,
  defineDemo,
  defineCompletion,
];
