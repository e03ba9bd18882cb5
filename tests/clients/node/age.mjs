// Opens a sealed file with the age library of the Node world: what stands on standard input, as JSON.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const packages = createRequire(pathToFileURL(`${process.env.NODE_CLIENTS}/package.json`));
const { armor, Decrypter } = await import(pathToFileURL(packages.resolve('age-encryption')));

const { identity, file } = JSON.parse(readFileSync(0, 'utf8'));
const decrypter = new Decrypter();
decrypter.addIdentity(identity);
process.stdout.write(await decrypter.decrypt(armor.decode(file), 'text'));
