import type { CelLibrary } from '../check/declarations.js';
import { MacroFault, receiverMacro } from '../syntax/macro.js';
import { bindingLoop } from './optional.js';

/** `cel.bind(name, value, expression)`. Kubernetes does not have it. */
export const BINDINGS_LIBRARY: CelLibrary = {
  macros: [
    receiverMacro('bind', 3, (build, target, [variable, value, result]) => {
      if (target.kind !== 'ident' || target.name !== 'cel') return undefined;
      if (variable.kind !== 'ident') {
        return new MacroFault(variable, 'cel.bind() variable names must be simple identifiers');
      }
      if (value === undefined || result === undefined) return undefined;
      return bindingLoop(build, variable.name, value, result);
    }),
  ],
};
