import { validateAggregates, validateFormats, validateLiterals } from './check/literal-validators.js';
import { KUBERNETES_COSTS } from './cost/kubernetes-costs.js';
import { kubernetesEstimate } from './cost/kubernetes-estimates.js';
import { Environment, type Variables } from './environment.js';
import { AUTHORIZER_FUNCTIONS } from './library/kubernetes/authorizer.js';
import { CIDR_FUNCTIONS } from './library/kubernetes/cidr-functions.js';
import { IP_FUNCTIONS } from './library/kubernetes/ip-functions.js';
import { JSON_PATCH_FUNCTIONS } from './library/kubernetes/json-patch-keys.js';
import { LIST_FUNCTIONS } from './library/kubernetes/list-functions.js';
import { mutationType } from './library/kubernetes/mutation-types.js';
import { FORMAT_FUNCTIONS } from './library/kubernetes/named-formats.js';
import { QUANTITY_FUNCTIONS } from './library/kubernetes/quantity-functions.js';
import { REGEX_FUNCTIONS } from './library/kubernetes/regex.js';
import { SEMVER_FUNCTIONS } from './library/kubernetes/semver-functions.js';
import { URL_FUNCTIONS } from './library/kubernetes/url-functions.js';
import { LISTS_LIBRARY } from './library/lists.js';
import { OPTIONAL_LIBRARY } from './library/optional.js';
import { SETS_LIBRARY } from './library/sets.js';
import { stringsLibrary } from './library/strings.js';
import { TWO_VARIABLES_LIBRARY } from './library/two-variables.js';

/** Libraries in the order in which upstream adds them, which decides between overloads. */
const LIBRARIES = [
  URL_FUNCTIONS,
  REGEX_FUNCTIONS,
  LIST_FUNCTIONS,
  AUTHORIZER_FUNCTIONS,
  OPTIONAL_LIBRARY,
  QUANTITY_FUNCTIONS,
  stringsLibrary('kubernetes'),
  SETS_LIBRARY,
  IP_FUNCTIONS,
  CIDR_FUNCTIONS,
  FORMAT_FUNCTIONS,
  TWO_VARIABLES_LIBRARY,
  SEMVER_FUNCTIONS,
  LISTS_LIBRARY,
];
const MUTATION_LIBRARIES = [...LIBRARIES, JSON_PATCH_FUNCTIONS];
const VALIDATORS = [validateLiterals, validateAggregates, validateFormats];

export interface KubernetesEnvironmentOptions {
  /** Variables by name: plain types, or types that a schema declares, which bound the cost. */
  readonly variables: Variables;
  /** With `Object{…}`, `JSONPatch{…}` and `jsonpatch.escapeKey`, for mutating policies. */
  readonly mutation?: boolean;
}

/** The environment that Kubernetes 1.36 gives to new expressions (`environment.MustBaseEnvSet`). */
export function kubernetesEnvironment(options: KubernetesEnvironmentOptions): Environment {
  return new Environment({
    variables: options.variables,
    libraries: options.mutation === true ? MUTATION_LIBRARIES : LIBRARIES,
    ...(options.mutation === true ? { typeNamed: mutationType } : {}),
    validators: VALIDATORS,
    costs: KUBERNETES_COSTS,
    estimate: kubernetesEstimate,
  });
}
