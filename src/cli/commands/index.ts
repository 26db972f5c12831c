import type { Command } from 'commander';
import type { Register } from '../session.js';
import { defineCompletion } from './completion.js';
import { defineSchema } from './schema.js';

/** All commands in the order in which help shows them. */
export const commands: readonly ((program: Command, register: Register) => void)[] = [defineSchema, defineCompletion];
