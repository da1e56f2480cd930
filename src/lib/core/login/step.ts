// The context of a login step: the login, its state, and the transition to the next one.
import type { ClientCommand } from '../protocol/command.js';
import type { Login } from './login.js';
import type { LoginStateName, LoginStateOf, StateArguments } from './progress.js';

/** `advance`: the step succeeded; enters the next state. */
export interface StepContext<From extends LoginStateName, To extends LoginStateName = 'ident'> {
  login: Login;
  state: LoginStateOf<From>;
  advance(...way: StateArguments[To]): void;
}

export type LoginStep<From extends LoginStateName, To extends LoginStateName = 'ident'> = (
  context: StepContext<From, To>,
  command: ClientCommand,
) => void;
