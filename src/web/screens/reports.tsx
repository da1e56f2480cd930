// Abuse reports: the inbox, and one of them with what was said before, the picture of its session, and what can be done
// about whom it is about.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { useLive } from '../live.js';
import {
  Bdi,
  Chip,
  Choice,
  Commands,
  Empty,
  Face,
  hasWords,
  Loading,
  Search,
  TextField,
  Time,
  undoable,
  useAction,
} from '../parts.js';
import { personPath, reportPath, root, sessionPath } from '../paths.js';
import { filter, setFilter } from '../router.js';
import { t } from '../texts/texts.js';
import { Lines } from './chat.js';
import { Notes, type NoteTarget } from './notes.js';
import { Picture } from './now.js';
import { PersonActions } from './person-actions.js';

type Report = OutputOf<'report.list'>[number];
type Status = 'open' | 'closed' | 'all';
const rowsAtMost = 300;

export function ReportsPlace(): JSX.Element {
  const reports = useLive('report.list', { withClosed: true }, ['report']);
  if (!reports.data) {
    return (
      <>
        <h1>{t('reports.title')}</h1>
        <Loading of={reports} retry={reports.refresh} />
      </>
    );
  }
  const words = filter('search');
  const wanted = filter('status');
  const status: Status = wanted === 'closed' || wanted === 'all' ? wanted : 'open';
  const shown = reports.data.filter(
    ({ closed, text, title, reporter, about }) =>
      (status === 'all' || (closed === null) === (status === 'open')) &&
      hasWords(`${text} ${title} ${reporter.name} ${about?.name ?? ''}`, words),
  );
  return (
    <>
      <h1>{t('reports.title')}</h1>
      {reports.data.length === 0 ? (
        <Empty title={t('reports.empty')}>
          <p class="soft">{t('reports.emptyText')}</p>
        </Empty>
      ) : (
        <>
          <Search label={t('reports.search')} value={words} onInput={(text) => setFilter('search', text)} />
          <Choice<Status>
            label={t('reports.title')}
            options={[
              ['open', t('reports.open')],
              ['closed', t('reports.closed')],
              ['all', t('reports.all')],
            ]}
            value={status}
            onChoose={(chosen) => setFilter('status', chosen === 'open' ? '' : chosen)}
          />
          {shown.length === 0 ? (
            <p class="soft">{t(status === 'open' && words === '' ? 'reports.allClosed' : 'reports.none')}</p>
          ) : (
            <ReportList reports={shown.slice(0, rowsAtMost)} />
          )}
          <Commands lines={[dp('report list', [], { all: status !== 'open' })]} />
        </>
      )}
    </>
  );
}

export function ReportList({
  reports,
  isInCard = false,
}: {
  reports: readonly Report[];
  isInCard?: boolean;
}): JSX.Element {
  return (
    <ul class={isInCard ? 'list' : 'list card'}>
      {reports.map((report) => (
        <li key={report.id}>
          <a class="item" href={reportPath(report.id)}>
            <Face name={report.about?.name ?? '!'} />
            <span class="grow">
              <strong class="clip block">
                {report.about ? <Bdi>{report.about.name}</Bdi> : t('reports.aboutSession')}
              </strong>
              <span class="clip block" dir="auto">
                {report.text || t('reports.noText')}
              </span>
              <span class="soft small clip block">
                <Bdi>{t('reports.by', { name: report.reporter.name })}</Bdi> ·{' '}
                <Bdi>{report.title || t('session.untitled')}</Bdi> · <Time at={report.when} />
              </span>
            </span>
            {report.closed && <Chip kind="good">{t('reports.closed.chip')}</Chip>}
          </a>
        </li>
      ))}
    </ul>
  );
}

export function ReportPlace({ id, me }: { id: number; me: Me }): JSX.Element {
  const { data, error, refresh } = useLive('report.get', { id }, ['report']);
  const sessions = useLive('session.list', {}, ['session']);
  const online = useLive('online.list', {}, ['person']);
  if (error?.code === 'report-not-found') {
    return (
      <Empty title={t('reports.gone')} isPage>
        <a class="button first" href={`${root}reports`}>
          {t('reports.toAll')}
        </a>
      </Empty>
    );
  }
  if (!data) return <Loading title={t('reports.title')} of={{ error }} retry={refresh} />;
  const { about, reporter } = data;
  const session = sessions.data?.find((each) => each.id === data.session);
  const present =
    about &&
    online.data?.find(
      (each) => each.session === data.session && each.id === about.user && each.name === about.name,
    );
  const title = data.title.trim() || t('session.untitled');
  return (
    <>
      <div class="stack">
        <p>
          <a href={`${root}reports`}>{t('reports.toAll')}</a>
        </p>
        <h1 class="title">
          {about ? <Bdi>{t('reports.about', { name: about.name })}</Bdi> : t('reports.aboutSession')}
        </h1>
        <div class="row small">
          <span class="soft">
            <Bdi>{t('reports.by', { name: reporter.name })}</Bdi> · <Time at={data.when} />
          </span>
          <Chip>{t(reporter.isRegistered ? 'role.account' : 'role.guest')}</Chip>
          {data.closed && <Chip kind="good">{t('reports.closed.chip')}</Chip>}
        </div>
        <blockquote class="card quote" dir="auto">
          {data.text || t('reports.noText')}
        </blockquote>
      </div>
      <div class="two">
        <div class="stack">
          {about && (
            <section class="card stack" aria-label={t('reports.person')}>
              <h2>
                <Bdi>{about.name}</Bdi>
              </h2>
              <PersonActions
                person={present ?? { name: about.name, ip: about.address, s: about.sid, id: about.user }}
                session={session && data.session}
                me={me}
                isPresent={present !== undefined}
              />
              <div>
                <a class="button" href={personPath(about.name)}>
                  {t('person.openPage')}
                </a>
              </div>
            </section>
          )}
          <Closing report={data} />
        </div>
        <div class="stack">
          <section class="card stack" aria-label={t('reports.chat')}>
            <h2>{t('reports.chat')}</h2>
            <Lines lines={data.chat} empty={t('reports.chatEmpty')} isShort />
          </section>
          <section class="card stack" aria-label={t('reports.session')}>
            <h2 class="title" dir="auto">
              {title}
            </h2>
            {session ? (
              <>
                <Picture id={data.session} title={title} isLarge />
                <div>
                  <a class="button" href={sessionPath(data.session)}>
                    {t('person.openSession')}
                  </a>
                </div>
              </>
            ) : (
              <p class="soft">{t('session.gone')}</p>
            )}
          </section>
          <p class="soft small">
            <Bdi>{t('reports.from', { name: reporter.name })}</Bdi>{' '}
            <span class="mono">{reporter.address}</span>{' '}
            {reporter.name !== '' && <a href={personPath(reporter.name)}>{t('person.openPage')}</a>}
          </p>
        </div>
      </div>
      {about && <Notes about={targetsOf(about)} />}
    </>
  );
}

function targetsOf({ name, address, sid }: NonNullable<Report['about']>): NoteTarget[] {
  return [
    { kind: 'name', target: name },
    { kind: 'address', target: address },
    ...(sid === '' ? [] : [{ kind: 'client', target: sid } as const]),
  ];
}

function Closing({ report }: { report: Report }): JSX.Element {
  const comment = useSignal('');
  const { run, isRunning, problem } = useAction();
  const { id, closed } = report;
  const close = () => {
    const text = comment.value.trim();
    return undoable(
      () => t('reports.isClosed'),
      () => t('reports.isOpen'),
      async () => {
        await call('report.close', { id, ...(text !== '' && { comment: text }) });
        comment.value = '';
        return () => call('report.reopen', { id });
      },
    );
  };
  return (
    <form
      class="card stack"
      aria-label={t('reports.state')}
      onSubmit={(event) => {
        event.preventDefault();
        void run(closed ? () => call('report.reopen', { id }) : close);
      }}
    >
      <h2>{t('reports.state')}</h2>
      {closed ? (
        <>
          <p role="status">
            <Bdi>{t('reports.closedBy', { name: closed.by })}</Bdi> · <Time at={closed.when} />
          </p>
          {closed.comment !== '' && <p dir="auto">{closed.comment}</p>}
        </>
      ) : (
        <p class="soft">{t('reports.openText')}</p>
      )}
      {/* what was typed stays when another moderator was first */}
      {(!closed || comment.value !== '') && (
        <TextField label={t('reports.comment')} text={comment} maxLength={1000} />
      )}
      {problem}
      <div>
        {closed ? (
          <button type="submit" class="button" disabled={isRunning}>
            {t('reports.reopen')}
          </button>
        ) : (
          <button type="submit" class="button first" disabled={isRunning}>
            {t('reports.close')}
          </button>
        )}
      </div>
      <Commands
        lines={[
          closed ? dp('report reopen', [id]) : dp('report close', [id], { comment: comment.value.trim() }),
        ]}
      />
    </form>
  );
}
