import { LibvirtError } from '../error.js';
import type { XdrReader } from '../xdr.js';
import { readDomain } from './reference.js';
import { readUuid } from './uuid.js';

/** Reads the error that stands in the place of an answer. */
export function readFailure(reader: XdrReader): LibvirtError {
  const code = reader.int();
  const domain = reader.int();
  const message = reader.optionalString();
  const level = reader.int();
  reader.optional(() => readDomain(reader));
  const details = [reader.optionalString(), reader.optionalString(), reader.optionalString()];
  reader.int();
  reader.int();
  reader.optional(() => {
    reader.string();
    readUuid(reader);
  });
  return new LibvirtError({
    code,
    domain,
    message: message ?? '',
    level,
    details: details.filter((detail) => detail !== null),
  });
}
